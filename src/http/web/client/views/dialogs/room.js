// A new room: created with a title or without; its code, by which others join, is shown right away.

import { h } from '../../lib/dom.js';
import { whenDrawn } from '../../lib/focus.js';
import { form } from '../../lib/form.js';
import { isolate } from '../../lib/names.js';
import { part } from '../../lib/part.js';
import { settings } from '../../lib/settings.js';
import { KEEP } from '../keep.js';
import { code } from '../panel/code.js';
import { actions, close, frame } from './frame.js';
import { once } from './group.js';
import { TITLE } from './title.js';

/** The dialog: first the questions, then the code. @param {State} state @param {Actions} act */
export function room(state, act) {
  return frame(act, { title: 'Create a room' },
    part('div', { key: 'room' }, (memory) => {
      const session = memory.made && (state.sessions[memory.made.id] ?? memory.made);
      return session ? ready(session, act) : questions(memory, act);
    }));
}

/** @param {Memory} memory @param {Actions} act */
function questions(memory, act) {
  /** @param {Fields} options */
  const send = async ({ title, keep, key }) => {
    const { session } = await act.ask({ type: 'open', room: true, ...(title.trim() && { title: title.trim() }), keep: Boolean(keep), key });
    act.go({ name: 'session', id: session.id });
    memory.set({ made: session });
  };
  return form({ key: 'questions', class: 'stack', send }, ({ field, submit }) => [
    h('p', { class: 'muted' }, settings.guests ? 'Anyone with the room code can join, with an account or as a guest.' : 'Anyone with an account and the room code can join.'),
    field({ name: 'title', label: 'Title', hint: 'Optional. People see it before they join.', ...TITLE, focus: true }),
    field(KEEP),
    once(),
    actions(act, submit('Create a room')),
  ]);
}

/** @param {Session} session @param {Actions} act */
function ready(session, act) {
  return h('div', { key: 'ready', class: 'stack' },
    h('p', { role: 'status' }, `“${isolate(session.title)}” is ready. Share this code or link.`),
    code(session, act),
    h('div', { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button primary', mount: (button) => queueMicrotask(() => button.focus()), onclick: () => enter(act) }, 'Go to the room')));
}

/** The room is open behind the dialog already. @param {Actions} act */
function enter(act) {
  close(act);
  whenDrawn(() => document.getElementById('composer')?.focus());
}
