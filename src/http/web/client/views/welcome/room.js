// A link to a room, followed by somebody who is logged in: what it leads to, and the button to join.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { icon } from '../../lib/icons.js';
import { inWords } from '../../lib/words.js';
import { codeIn } from '../../lib/checks.js';
import { company } from './company.js';
import { CODE, REFUSALS, join } from './rooms.js';

/** The main area of the route `room`. @param {State} state @param {Actions} act */
export function lookAt(state, act) {
  const room = state.room ?? { code: state.view.route.code, status: 'asking' };
  const view = VIEWS[room.status] ?? failed;
  return h('main', { key: 'main', class: 'main', 'aria-labelledby': 'room-title' },
    h('div', { class: 'pane-body room-look' },
      h('div', { class: 'door-card', key: room.status }, view(room, state, act))));
}

/** @type {Fields} */
const VIEWS = { __proto__: null, asking, look, unknown };

function asking() {
  return [title('Join a room'), h('p', { key: 'words', class: 'muted', role: 'status' }, 'Looking up the room…')];
}

/** @param {any} room @param {State} state @param {Actions} act */
function look(room, state, act) {
  return [
    title('Join “', h('bdi', null, room.title), '”'),
    h('p', { key: 'words' }, company(room)),
    form({ key: 'join', class: 'form', send: () => go(act, room.code) }, ({ submit }) => [
      h('p', { class: 'muted', key: 'me' }, 'You will join as ', h('bdi', null, state.me.display_name), '.'),
      submit('Join room'),
    ]),
    home(act, 'Not now'),
  ];
}

/** @param {Fields} room @param {State} state @param {Actions} act */
function unknown(room, state, act) {
  return [
    title('Room not found'),
    h('p', { key: 'words', role: 'status' }, 'No room has the code ', code(room), '. Check it for typing errors. It may also have been replaced, or the room has ended.'),
    form({ key: 'join', class: 'form', send: (values) => go(act, values.code), refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...CODE, focus: true }),
      submit('Join room'),
    ]),
    h('div', { key: 'or', class: 'or' }, h('span', null, 'or')),
    h('button', { key: 'create', type: 'button', class: 'button wide', onclick: () => act.dispatch({ type: 'dialog', dialog: { name: 'room' } }) }, icon('door'), 'Create a room'),
    home(act, 'Go to your conversations'),
  ];
}

/** @param {Fields} room @param {State} state @param {Actions} act */
function failed(room, state, act) {
  return [
    title('Join a room'),
    h('p', { key: 'words', class: 'error-text', role: 'alert' }, icon('warning'), inWords(room.error ?? {})),
    h('button', { key: 'again', type: 'button', class: 'button wide', onclick: () => act.dispatch({ type: 'room', code: room.code }) }, 'Try again'),
  ];
}

/** @param {Actions} act @param {any} words */
function home(act, words) {
  return h('button', { key: 'home', type: 'button', class: 'button quiet', onclick: () => act.go({ name: 'home' }) }, words);
}

/** @param {...any} text */
function title(...text) {
  return h('h1', { key: 'title', id: 'room-title' }, text);
}

/** @param {Fields} room */
function code(room) {
  return h('span', { class: 'code' }, codeIn(room.code));
}

/** @param {Actions} act @param {any} roomCode */
async function go(act, roomCode) {
  const { session } = await join(act, roomCode);
  act.go({ name: 'session', id: session.id });
}
