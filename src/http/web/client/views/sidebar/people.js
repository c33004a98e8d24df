// People: contacts, those the directory has, who was asked and has not answered, and who is blocked.
//
// One field finds people among all of them. What was found is this view's own memory; the state learns the people, so that
// their presence is known everywhere.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { part } from '../../lib/part.js';
import { settings } from '../../lib/settings.js';
import { inWords } from '../../lib/words.js';
import { invite, refreshSent } from '../invites/asking.js';
import { loadBlocks, unblockButton } from './blocks.js';
import { candidates, find, more, retry } from './directory.js';
import { person } from './person.js';

/** The tab with the people. @param {State} state @param {Actions} act */
export function people(state, act) {
  return part('div', {
    key: 'people',
    class: 'pane-body',
    begin(memory) {
      find(memory, act, '');
      loadBlocks(act);
      refreshSent(act);
      return () => clearTimeout(memory.timer);
    },
  }, (memory) => {
    // What failed without a connection is asked for again once there is one.
    const up = state.link.status === 'up';
    if (up && memory.up === false && memory.error) queueMicrotask(() => retry(memory, act));
    memory.up = up;
    return [
      searchField(memory, act),
      !memory.query && waiting(state, act),
      list(memory, state, act),
      !memory.query && blocked(state, act),
    ];
  });
}

/** @param {Memory} memory @param {Actions} act */
function searchField(memory, act) {
  return h('div', { key: 'find', class: 'side-field' },
    icon('search'),
    h('input', {
      id: 'find-person', type: 'search', class: 'input', 'aria-label': 'Find a person', placeholder: 'Find a person', dir: 'auto',
      autocomplete: 'off', spellcheck: 'false', maxlength: '100', value: memory.query,
      oninput(event) {
        event.target.closest('.pane-body').scrollTop = 0;
        find(memory, act, event.target.value);
      },
    }));
}

/** @param {Memory} memory @param {State} state @param {Actions} act */
function list(memory, state, act) {
  const found = candidates(memory, state);
  // Without a name to find, those who have a list of their own around this one are not in it as well.
  const elsewhere = new Set(memory.query ? [] : [...state.blocks ?? [], ...state.invites.out.filter(({ session }) => !session).map(({ to }) => to)].map(({ id }) => id));
  const [known, others] = [found.known, found.others].map((users) => users.filter(({ id }) => !elsewhere.has(id)));
  return [
    h('ul', { key: 'people', role: 'list', 'aria-label': 'People', class: 'people' },
      boundedRows(known, (user) => person(user, state, act, { contact: true })),
      boundedRows(others, (user, i) => person(user, state, act, { apart: i === 0 && known.length > 0 }))),
    h('div', { key: 'found', role: 'status', class: 'people-end' },
      memory.busy && !others.length && h('p', { class: 'side-note' }, 'Searching…'),
      !memory.busy && !memory.error && !known.length && !others.length && nobody(memory.query, act)),
    memory.error && h('div', { key: 'error', class: 'side-note stack' },
      h('p', { role: 'alert' }, inWords(memory.error)),
      h('button', { type: 'button', class: 'button', onclick: () => retry(memory, act) }, 'Try again')),
    memory.next && !memory.error && h('div', { key: 'more', class: 'side-note' },
      h('button', { type: 'button', class: 'button wide', 'aria-disabled': memory.busy && 'true', onclick: () => more(memory, act) }, 'Show more people')),
  ];
}

/** @param {string} query @param {Actions} act */
function nobody(query, act) {
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
    // Where the directory is closed, somebody may have the name all the same.
    closed
      ? [
        h('p', null, `No one you know is called “${isolate(name)}”. If this is someone’s exact username, you can invite them.`),
        h('button', { type: 'button', class: 'button', onclick: () => invite(name, act) }, icon('invite'), 'Invite'),
      ]
      : h('p', null, `No one’s name begins with “${isolate(name)}”.`));
}

/** @param {State} state @param {Actions} act */
function waiting(state, act) {
  const { out } = state.invites;
  return out.length > 0 && h('details', { key: 'waiting', class: 'side-section' },
    h('summary', { class: 'side-heading' }, `Sent invitations (${out.length})`),
    h('ul', { role: 'list', 'aria-label': 'Sent invitations', class: 'people' },
      boundedRows(out, (asked) => person(asked.to, state, act, { asked, key: asked.id }))));
}

/** @param {State} state @param {Actions} act */
function blocked(state, act) {
  // @ts-expect-error: undefined is above nothing.
  return state.blocks?.length > 0 && h('section', { key: 'blocked', class: 'side-section', 'aria-labelledby': 'people-blocked' },
    h('h2', { id: 'people-blocked', class: 'side-heading' }, 'Blocked'),
    h('ul', { role: 'list', 'aria-label': 'Blocked people', class: 'people' },
      // @ts-expect-error: there are some.
      state.blocks.map((user) => h('li', { key: user.id, class: 'person' },
        h('span', { class: 'person-words ellipsis', dir: 'auto' }, user.display_name),
        unblockButton(user, act)))));
}
