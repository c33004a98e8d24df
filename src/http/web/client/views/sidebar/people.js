// People: contacts, users of the directory, sent invites, and blocked users.
//
// One field searches all of them. Results are local state; the global state learns the users, so that their presence is known
// everywhere.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { isolate } from '../../lib/names.js';
import { component } from '../../lib/component.js';
import { settings } from '../../lib/settings.js';
import { errorText } from '../../lib/wording.js';
import { invite, refreshSent } from '../invites/actions.js';
import { loadBlocks, unblockButton } from './blocks.js';
import { candidates, find, load, more } from './directory.js';
import { person } from './person.js';
import { sideField } from './side-field.js';

/** The tab "People". @param {State} state @param {Actions} act */
export function people(state, act) {
  return component('div', {
    key: 'people',
    class: 'pane-body',
    begin(local) {
      find(local, act, '');
      loadBlocks(act);
      refreshSent(act);
      return () => clearTimeout(local.timer);
    },
  }, (local) => {
    // A request that failed offline is repeated after reconnecting.
    const up = state.link.status === 'up';
    if (up && local.up === false && local.error) queueMicrotask(() => load(local, act));
    local.up = up;
    return [
      sideField('Find a person', local.query, (query) => find(local, act, query), {
        id: 'find-person', autocomplete: 'off', spellcheck: 'false', maxlength: '100',
      }),
      !local.query && waiting(state, act),
      list(local, state, act),
      !local.query && blocked(state, act),
    ];
  });
}

/** @param {LocalState} local @param {State} state @param {Actions} act */
function list(local, state, act) {
  const found = candidates(local, state);
  // Without a query, users of the other lists are left out of this one.
  const elsewhere = new Set(local.query ? [] : [...state.blocks ?? [], ...state.invites.out.filter(({ session }) => !session).map(({ to }) => to)].map(({ id }) => id));
  const [known, others] = [found.known, found.others].map((users) => users.filter(({ id }) => !elsewhere.has(id)));
  return [
    h('ul', { key: 'people', role: 'list', 'aria-label': 'People', class: 'people' },
      boundedRows(known, (user) => person(user, state, act, { contact: true })),
      boundedRows(others, (user, i) => person(user, state, act, { apart: i === 0 && known.length > 0 }))),
    h('div', { key: 'found', role: 'status', class: 'people-end' },
      local.busy && !others.length && h('p', { class: 'side-note' }, 'Searching…'),
      !local.busy && !local.error && !known.length && !others.length && noResults(local.query, act)),
    local.error && h('div', { key: 'error', class: 'side-note stack' },
      h('p', { role: 'alert' }, errorText(local.error)),
      button('Try again', () => load(local, act))),
    local.next && !local.error && h('div', { key: 'more', class: 'side-note' },
      button('Show more people', () => more(local, act), { look: 'wide', 'aria-disabled': local.busy })),
  ];
}

/** @param {string} query @param {Actions} act */
function noResults(query, act) {
  const name = query.trim();
  const closed = settings.directory === 'closed';
  if (!name) {
    return h('div', { class: 'empty' },
      h('h2', null, 'No one here yet'),
      h('p', null, closed
        ? 'You see people here once you share a conversation with them. Join a room with a code, or create one and share its link.'
        : 'People appear here once they have joined. Create a room and share its link to invite them.'));
  }
  return h('div', { class: 'empty' },
    h('h2', null, 'No one found'),
    // With a closed directory the username may exist all the same.
    closed
      ? [
        h('p', null, `No one you know is called “${isolate(name)}”. If this is someone’s exact username, you can invite them.`),
        button('Invite', () => invite(name, act), { icon: 'invite' }),
      ]
      : h('p', null, `No one’s name begins with “${isolate(name)}”.`));
}

/** @param {State} state @param {Actions} act */
function waiting(state, act) {
  const { out } = state.invites;
  return out.length > 0 && h('details', { key: 'waiting', class: 'side-section' },
    h('summary', { class: 'side-heading' }, `Sent invitations (${out.length})`),
    h('ul', { role: 'list', 'aria-label': 'Sent invitations', class: 'people' },
      boundedRows(out, (sent) => person(sent.to, state, act, { sent, key: sent.id }))));
}

/** @param {State} state @param {Actions} act */
function blocked(state, act) {
  // @ts-expect-error: undefined is above nothing.
  return state.blocks?.length > 0 && h('section', { key: 'blocked', class: 'side-section', 'aria-labelledby': 'people-blocked' },
    h('h2', { id: 'people-blocked', class: 'side-heading' }, 'Blocked'),
    h('ul', { role: 'list', 'aria-label': 'Blocked people', class: 'people' },
      // @ts-expect-error: there are some.
      state.blocks.map((user) => h('li', { key: user.id, class: 'person' },
        h('span', { class: 'person-text ellipsis', dir: 'auto' }, user.display_name),
        unblockButton(user, act)))));
}
