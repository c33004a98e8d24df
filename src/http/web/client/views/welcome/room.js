// A link to a room for a logged-in user: its description, and a button to join.

import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { CODE } from '../fields.js';
import { failed, found, looking, notFound, or } from './lookup.js';
import { REFUSALS, join } from './rooms.js';

/** The main area of the route `room`. @param {State} state @param {Actions} act */
export function lookAt(state, act) {
  const room = state.room ?? { code: state.view.route.code, status: 'loading' };
  return h('main', { key: 'main', class: 'main', 'aria-labelledby': 'room-title' },
    h('div', { class: 'pane-body room-look' },
      h('div', { class: 'card', key: room.status }, content(room, state, act))));
}

/** @param {any} room @param {State} state @param {Actions} act */
function content(room, state, act) {
  if (room.status === 'loading') return looking();
  if (room.status === 'look') return look(room, state, act);
  if (room.status === 'unknown') return unknown(room, act);
  return failed(room.error ?? { code: 'internal' }, () => act.dispatch({ type: 'room', code: room.code }));
}

/** @param {any} room @param {State} state @param {Actions} act */
function look(room, state, act) {
  return [
    found(room),
    form({ key: 'join', class: 'form', send: () => go(act, room.code) }, ({ submit }) => [
      h('p', { class: 'muted', key: 'me' }, 'You will join as ', bdi(state.me.display_name), '.'),
      submit('Join room'),
    ]),
    home(act, 'Not now'),
  ];
}

/** @param {Fields} room @param {Actions} act */
function unknown(room, act) {
  return [
    notFound(room.code),
    form({ key: 'join', class: 'form', send: (values) => go(act, values.code), refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...CODE, focus: true }),
      submit('Join room'),
    ]),
    or(),
    button('Create a room', () => act.openDialog({ name: 'room' }), { key: 'create', icon: 'room', look: 'wide' }),
    home(act, 'Go to your conversations'),
  ];
}

/** @param {Actions} act @param {string} label */
function home(act, label) {
  return button(label, () => act.go({ name: 'home' }), { key: 'home', look: 'quiet' });
}

/** @param {Actions} act @param {any} roomCode */
async function go(act, roomCode) {
  const { session } = await join(act, roomCode);
  act.openSession(session.id);
}
