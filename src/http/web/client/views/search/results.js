// What a search has found, newest first: who said it, where and when, with the words marked.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { href } from '../../lib/route.js';
import { moment, shortTime } from '../../lib/time.js';
import { inWords } from '../../lib/words.js';
import { nameOf, titleOf } from '../../state/select.js';
import { avatar } from '../avatar.js';

/** @returns the list, or in words why there is none @param {State} state @param {Actions} act */
export function results(state, act) {
  const { query, hits, next, status, error, session } = state.search;
  const more = () => act.dispatch({ type: 'search_more' });
  if (status === 'failed' && hits.length === 0) {
    return h('div', { class: 'empty', role: 'alert' },
      h('p', null, inWords(error)),
      h('button', { type: 'button', class: 'button', onclick: () => act.dispatch({ type: 'search', query, session }) }, 'Try again'));
  }
  if (status === 'busy' && hits.length === 0) {
    return h('p', { class: 'loading', role: 'status' }, state.link.status === 'up' ? 'Searching…' : 'The search starts when you are online again.');
  }
  if (hits.length === 0) {
    return h('div', { class: 'empty', role: 'status' }, h('p', null, h('strong', null, 'Nothing found')), h('p', null, 'Try different or fewer words.'));
  }
  return [
    h('ol', { class: 'hits', 'aria-label': 'Search results' }, boundedRows(hits, (hit) => found(hit, state), { keyOf: ({ session: id, seq }) => `${id}-${seq}` })),
    next && h('div', { class: 'more-hits' },
      status === 'failed' && h('p', { class: 'error-text', role: 'alert' }, inWords(error)),
      h('button', { type: 'button', class: 'button wide', 'aria-disabled': status === 'busy' ? 'true' : null, onclick: more }, status === 'busy' ? 'Loading…' : 'Show more')),
  ];
}

/** @param {SearchHit} hit @param {State} state */
function found(hit, state) {
  const session = state.sessions[hit.session];
  const name = nameOf(hit.username, state);
  return h('li', { key: `${hit.session}-${hit.seq}` },
    h('a', { class: 'hit', href: href({ name: 'session', id: hit.session, seq: hit.seq }) },
      avatar(name, { size: 'small', seed: hit.username }),
      h('div', { class: 'grow' },
        h('p', { class: 'hit-head' },
          h('span', { class: 'hit-name ellipsis', dir: 'auto' }, name),
          h('time', { class: 'small muted', datetime: hit.at, title: moment(hit.at) }, shortTime(hit.at, state.now))),
        // The name of a direct conversation is that of the one who wrote, or whom I wrote to.
        session && h('p', { class: 'small muted ellipsis' }, 'in ', h('bdi', null, titleOf(session, state))),
        h('p', { class: 'hit-text', dir: 'auto' }, hit.snippet.map(({ text, hit: marked }) => (marked ? h('mark', null, text) : text))))));
}
