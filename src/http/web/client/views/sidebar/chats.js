// Every conversation in one list, newest activity first.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { part } from '../../lib/part.js';
import { listed, titleOf } from '../../state/select.js';
import { findPeople } from './head.js';
import { row } from './row.js';

/** From how many on a filter helps more than it takes room. */
const MANY = 8;

/** The tab with the conversations. @param {State} state @param {Actions} act */
export function chats(state, act) {
  return part('div', { key: 'chats', class: 'pane-body', begin: (memory) => { memory.filter = ''; } }, (memory) => {
    const all = listed(state);
    const shown = memory.filter ? all.filter(matching(memory.filter, state)) : all;
    const stop = [memory.at, state.view.route.id].find((id) => shown.some((session) => session.id === id)) ?? shown[0]?.id;
    if (memory.revealed !== state.view.route.id && shown.some(({ id }) => id === state.view.route.id)) {
      memory.revealed = state.view.route.id;
      // Once it is in the page.
      queueMicrotask(() => reveal(memory.revealed));
    }
    const today = new Date(state.now).setHours(0, 0, 0, 0);
    return [
      all.length > MANY && filter(memory),
      h('ul', {
        key: 'list', role: 'list', 'aria-label': 'Conversations', class: 'chats', onkeydown: walk,
        onfocusin: ({ target }) => memory.set({ at: target.dataset.session }),
      }, boundedRows(shown, (session) => row(session, state, today, session.id === stop), { text: 'This conversation cannot be shown.' })),
      memory.filter && !shown.length && h('p', { key: 'none', class: 'side-note', role: 'status' }, `No conversation matches “${isolate(memory.filter)}”.`),
      (state.sessionsNext || !state.server) && h('p', { key: 'more', class: 'side-note' }, 'Loading conversations…'),
      state.server && all.every(({ kind }) => kind === 'lobby') && empty(act),
    ];
  });
}

/** Brings the row of the conversation that was opened into view. @param {string} id */
function reveal(id) {
  document.querySelector(`.chats [data-session="${CSS.escape(id)}"]`)?.closest('li').scrollIntoView({ block: 'nearest' });
}

/** @param {string} filter @param {State} state */
function matching(filter, state) {
  const wanted = filter.trim().toLocaleLowerCase();
  /** @param {Session} session */
  return (session) => titleOf(session, state).toLocaleLowerCase().includes(wanted);
}

/** @param {Memory} memory */
function filter(memory) {
  return h('div', { key: 'filter', class: 'side-field' },
    icon('search'),
    h('input', {
      type: 'search', class: 'input', 'aria-label': 'Filter conversations', placeholder: 'Filter', dir: 'auto', value: memory.filter,
      oninput(event) {
        event.target.closest('.pane-body').scrollTop = 0;
        memory.set({ filter: event.target.value });
      },
    }));
}

/** @param {Actions} act */
function empty(act) {
  /** @param {string} name */
  const show = (name) => () => act.dispatch({ type: 'dialog', dialog: { name } });
  /** @param {string} picture @param {string} label @param {(event: UiEvent) => any} onclick */
  const way = (picture, label, onclick) => h('button', { type: 'button', class: 'button wide', onclick }, icon(picture), label);
  return h('div', { key: 'empty', class: 'empty' },
    h('h2', null, 'Start a conversation'),
    h('p', null, 'Your conversations will appear here.'),
    h('div', { class: 'stack' },
      way('search', 'Find people', () => findPeople(act)),
      way('door', 'Create a room', show('room')),
      way('key', 'Join with a code', show('join'))));
}

/** Arrow keys go from conversation to conversation; to Tab the list is one stop. @param {UiEvent} event */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const to = links.indexOf(document.activeElement) + step;
  event.preventDefault();
  links[Math.max(0, Math.min(to, links.length - 1))].focus();
}
