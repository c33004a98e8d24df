// The hits of a search, newest first: sender, conversation, time, and the text with the matches marked.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { href } from '../../lib/route.js';
import { shortTime } from '../../lib/time.js';
import { errorText } from '../../lib/wording.js';
import { nameOf, titleOf } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { timeTag } from '../time-tag.js';

/** @returns the list, or a note why there is none @param {State} state @param {Actions} act */
export function results(state, act) {
  const { query, hits, next, status, error, session } = state.search;
  const more = () => act.dispatch({ type: 'search_more' });
  if (status === 'failed' && hits.length === 0) {
    return h('div', { class: 'empty', role: 'alert' },
      h('p', null, errorText(error)),
      button('Try again', () => act.dispatch({ type: 'search', query, session })));
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
      status === 'failed' && h('p', { class: 'error-text', role: 'alert' }, errorText(error)),
      button(status === 'busy' ? 'Loading…' : 'Show more', more, { look: 'wide', 'aria-disabled': status === 'busy' })),
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
          timeTag(hit.at, shortTime(hit.at, state.now), 'small muted')),
        // The title of a direct conversation is the sender or the recipient.
        session && h('p', { class: 'small muted ellipsis' }, 'in ', bdi(titleOf(session, state))),
        h('p', { class: 'hit-text', dir: 'auto' }, hit.snippet.map(({ text, hit: marked }) => (marked ? h('mark', null, text) : text))))));
}
