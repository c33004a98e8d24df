// A link to a room, followed by somebody who is not logged in. The room is looked up first: a code that leads nowhere is
// said before anything is asked, and whoever joins sees what they join.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { icon } from '../../lib/icons.js';
import { part } from '../../lib/part.js';
import { settings } from '../../lib/settings.js';
import { inWords } from '../../lib/words.js';
import { codeIn, roomCode } from '../../lib/checks.js';
import { company } from './company.js';
import { CODE, NAME, REFUSALS, enter, join, look } from './rooms.js';
import { ways } from './ways.js';

/**
 * The card of the page `/room/<code>`; `outer` is the memory of the cards around it.
 * @param {string} code
 * @param {Actions} act
 * @param {Memory} outer
 */
export function roomLink(code, act, outer) {
  return part('div', {
    key: 'link', class: 'stack', begin: (memory) => {
      memory.code = codeIn(code);
      // What cannot be a code need not be looked up.
      if (roomCode(code)) memory.status = 'unknown';
      else find(memory, act);
    },
  }, (memory) => VIEWS[memory.status](memory, act, outer));
}

/** @type {Fields} */
const VIEWS = { __proto__: null, busy, found, unknown, failed };

/** @param {Memory} memory @param {Actions} act */
async function find(memory, act) {
  memory.set({ status: 'busy' });
  try {
    memory.set({ room: await look(act, memory.code), status: 'found' });
  } catch (error) {
    memory.set({ error, status: error.code === 'unknown_room' ? 'unknown' : 'failed' });
  }
}

/** @param {...any} text */
function title(...text) {
  return h('h1', { key: 'title' }, text);
}

function busy() {
  return [title('Join a room'), h('p', { key: 'words', class: 'muted', role: 'status' }, 'Looking up the room…')];
}

/** @param {Memory} memory @param {Actions} act @param {Memory} outer */
function found(memory, act, outer) {
  const { room, code } = memory;
  const heading = [title('Join “', h('bdi', null, room.title), '”'), h('p', { key: 'words' }, company(room))];
  if (!settings.guests) {
    return [heading, h('p', { key: 'account' }, 'You need an account to join. Log in or create one.'), h('div', { key: 'ways', class: 'stack' }, ways(act, outer))];
  }
  return [
    heading,
    form({ key: 'join', class: 'form', send: ({ name }) => enter(act, name, () => join(act, code)), refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...NAME, focus: true }),
      submit('Join room'),
    ]),
    others(outer),
  ];
}

/** @param {Memory} memory @param {Actions} act @param {Memory} outer */
function unknown(memory, act, outer) {
  /** @param {Fields} values */
  const send = async (values) => {
    const room = await look(act, values.code);
    memory.set({ code: codeIn(values.code), room, status: 'found' });
  };
  return [
    title('Room not found'),
    h('p', { key: 'words', role: 'status' }, 'No room has the code ', h('span', { class: 'code' }, memory.code),
      '. Check it for typing errors. It may also have been replaced, or the room has ended.'),
    form({ key: 'code', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...CODE, begin: memory.code, focus: true }),
      submit('Find room'),
    ]),
    others(outer),
  ];
}

/** @param {Memory} memory @param {Actions} act @param {Memory} outer */
function failed(memory, act, outer) {
  return [
    title('Join a room'),
    h('p', { key: 'words', class: 'error-text', role: 'alert' }, icon('warning'), inWords(memory.error)),
    h('button', { key: 'again', type: 'button', class: 'button wide', onclick: () => find(memory, act) }, 'Try again'),
    others(outer),
  ];
}

/** The other things that somebody may want here. @param {Memory} outer */
function others(outer) {
  return [
    h('div', { key: 'or', class: 'or' }, h('span', null, 'or')),
    h('div', { key: 'others', class: 'room-buttons' },
      settings.guests && h('button', { type: 'button', class: 'button', onclick: () => outer.set({ door: 'create' }) }, icon('door'), 'Create a room'),
      h('button', { type: 'button', class: 'button', onclick: () => outer.set({ door: 'ways', way: 'log-in' }) }, icon('person'), 'Log in')),
  ];
}
