// All conversations in one list, latest activity first.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { isolate } from '../../lib/names.js';
import { component } from '../../lib/component.js';
import { listed, titleOf } from '../../state/select.js';
import { findPeople } from './head.js';
import { row } from './row.js';
import { sideField } from './side-field.js';

/** The filter is shown above this number of conversations. */
const MANY = 8;

/** The tab "Chats". @param {State} state @param {Actions} act */
export function chats(state, act) {
  return component('div', { key: 'chats', class: 'pane-body', begin: (local) => { local.filter = ''; } }, (local) => {
    const all = listed(state);
    const shown = local.filter ? all.filter(matching(local.filter, state)) : all;
    const stop = [local.at, state.view.route.id].find((id) => shown.some((session) => session.id === id)) ?? shown[0]?.id;
    if (local.revealed !== state.view.route.id && shown.some(({ id }) => id === state.view.route.id)) {
      local.revealed = state.view.route.id;
      // Once it is attached.
      queueMicrotask(() => reveal(local.revealed));
    }
    const today = new Date(state.now).setHours(0, 0, 0, 0);
    return [
      all.length > MANY && sideField('Filter conversations', local.filter, (filter) => local.set({ filter }), { placeholder: 'Filter' }),
      h('ul', {
        key: 'list', role: 'list', 'aria-label': 'Conversations', class: 'chats', onkeydown: walk,
        onfocusin: ({ target }) => local.set({ at: target.dataset.session }),
      }, boundedRows(shown, (session) => row(session, state, today, session.id === stop), { text: 'This conversation cannot be shown.' })),
      local.filter && !shown.length && h('p', { key: 'none', class: 'side-note', role: 'status' }, `No conversation matches “${isolate(local.filter)}”.`),
      (state.sessionsNext || !state.server) && h('p', { key: 'more', class: 'side-note' }, 'Loading conversations…'),
      state.server && all.every(({ kind }) => kind === 'lobby') && empty(act),
    ];
  });
}

/** Scrolls to the row of the open conversation. @param {string} id */
function reveal(id) {
  document.querySelector(`.chats [data-session="${CSS.escape(id)}"]`)?.closest('li').scrollIntoView({ block: 'nearest' });
}

/** @param {string} filter @param {State} state */
function matching(filter, state) {
  const wanted = filter.trim().toLocaleLowerCase();
  /** @param {Session} session */
  return (session) => titleOf(session, state).toLocaleLowerCase().includes(wanted);
}

/** @param {Actions} act */
function empty(act) {
  /** @param {string} name */
  const show = (name) => () => act.openDialog({ name });
  /** @param {string} picture @param {string} label @param {(event: UiEvent) => any} onclick */
  const way = (picture, label, onclick) => button(label, onclick, { icon: picture, look: 'wide' });
  return h('div', { key: 'empty', class: 'empty' },
    h('h2', null, 'Start a conversation'),
    h('p', null, 'Your conversations will appear here.'),
    h('div', { class: 'stack' },
      way('search', 'Find people', () => findPeople(act)),
      way('room', 'Create a room', show('room')),
      way('key', 'Join with a code', show('join'))));
}

/** Arrow keys move between conversations; the list is one tab stop. @param {UiEvent} event */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const to = links.indexOf(document.activeElement) + step;
  event.preventDefault();
  links[Math.max(0, Math.min(to, links.length - 1))].focus();
}
