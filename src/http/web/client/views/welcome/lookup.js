// The states of looking up a room by its code, for visitors and for logged-in users.

import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { codeIn } from '../../lib/validation.js';
import { count, errorText } from '../../lib/wording.js';

/** @param {...any} text */
const title = (...text) => h('h1', { key: 'title', id: 'room-title' }, text);

export const looking = () => [title('Join a room'), h('p', { key: 'text', class: 'muted', role: 'status' }, 'Looking up the room…')];

/** @param {RoomLook} room */
export const found = (room) => [title('Join “', bdi(room.title), '”'), h('p', { key: 'text' }, occupancy(room))];

/** @param {string} code */
export const notFound = (code) => [title('Room not found'),
  h('p', { key: 'text', role: 'status' }, 'No room has the code ', h('span', { class: 'code' }, codeIn(code)),
    '. Check it for typing errors. It may also have been replaced, or the room has ended.')];

/** @param {Refusal} error @param {() => void} again */
export const failed = (error, again) => [title('Join a room'),
  h('p', { key: 'text', class: 'error-text', role: 'alert' }, icon('warning'), errorText(error)),
  button('Try again', again, { key: 'again', look: 'wide' })];

/** A separator. @param {string} [text] */
export const or = (text = 'or') => h('div', { key: 'or', class: 'or' }, h('span', null, text));

/** @param {RoomLook} room */
function occupancy({ member_count: members, online_count: online }) {
  if (!members) return 'Nobody is in this room yet. You would be the first.';
  return `${count(members, 'member')}, ${online === 0 ? 'nobody online' : `${online} online`}`;
}
