// A new room: made with a title or without, joined by its code, which is shown right away to be given to others.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { part } from '../../lib/part.js';
import { code } from '../panel/code.js';
import { actions, close, frame } from './frame.js';
import { once } from './group.js';
import { TITLE } from './title.js';

/** The dialog: first the questions, then the code. */
export function room(state, act) {
  return frame(act, { title: 'New room' },
    part('div', { key: 'room' }, (memory) => {
      const session = memory.made && (state.sessions[memory.made.id] ?? memory.made);
      return session ? ready(session, act) : questions(memory, act);
    }));
}

function questions(memory, act) {
  const send = async ({ title, keep, key }) => {
    const { session } = await act.ask({ type: 'open', room: true, ...(title.trim() && { title: title.trim() }), keep: Boolean(keep), key });
    act.go({ name: 'session', id: session.id });
    memory.set({ made: session });
  };
  return form({ key: 'questions', class: 'stack', send }, ({ field, submit }) => [
    h('p', { class: 'muted' }, 'Everybody who has a room’s code can come in, with an account or just with a name.'),
    field({ name: 'title', label: 'Title', hint: 'Optional. People see it before they join.', ...TITLE, focus: true }),
    field({
      name: 'keep', type: 'checkbox', label: 'Keep this room when nobody is there',
      hint: 'Otherwise it vanishes, with all that was said, soon after the last person has gone.',
    }),
    once(),
    actions(act, submit('Create room')),
  ]);
}

function ready(session, act) {
  return h('div', { key: 'ready', class: 'stack' },
    h('p', { role: 'status', dir: 'auto' }, `“${session.title}” is ready. Give this code or link to those who are to come.`),
    code(session, act),
    h('div', { class: 'dialog-actions' },
      h('button', { type: 'button', class: 'button primary', mount: (button) => queueMicrotask(() => button.focus()), onclick: () => close(act) }, 'Go to the room')));
}
