// A link to a room, followed by somebody who is nobody yet. What the code leads to is told only to those who are in, so
// the name is asked first; a code that leads nowhere can be corrected.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { icon } from '../../lib/icons.js';
import { codeIn, roomCode } from '../../lib/checks.js';
import { CODE, NAME, REFUSALS, enter, join } from './rooms.js';

/** The card of the page `/room/<code>`. */
export function roomLink(code, act, memory) {
  const wrong = memory.wrong || Boolean(roomCode(code));
  const send = async (values) => {
    try {
      await enter(act, values.name, () => join(act, values.code ?? code));
    } catch (error) {
      if (error.code === 'unknown_room') memory.set({ wrong: true });
      throw error;
    }
  };
  return [
    h('h1', { key: 'title' }, 'Join a room'),
    wrong
      ? h('p', { key: 'words' }, 'The link does not lead to a room any more. Enter another code, or create a room of your own.')
      : h('p', { key: 'words' }, 'Somebody has shared the room ', h('span', { class: 'code' }, codeIn(code)), ' with you. Say who you are, and you are in.'),
    form({ key: 'link', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
      wrong && field({ ...CODE, begin: codeIn(code) }),
      field({ ...NAME, focus: true }),
      submit('Join room'),
    ]),
    h('div', { key: 'or', class: 'or' }, h('span', null, 'or')),
    h('div', { key: 'others', class: 'room-buttons' },
      h('button', { type: 'button', class: 'button', onclick: () => memory.set({ door: 'create' }) }, icon('plus'), 'Create a room'),
      h('button', { type: 'button', class: 'button', onclick: () => memory.set({ door: 'ways', way: 'log-in' }) }, icon('key'), 'Use an account')),
  ];
}
