// A new room with an optional title; its code is shown when it is created.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { focusComposer, focusSoon, whenDrawn } from '../../lib/focus.js';
import { form } from '../../lib/form.js';
import { isolate } from '../../lib/names.js';
import { component } from '../../lib/component.js';
import { settings } from '../../lib/settings.js';
import { KEEP, TITLE } from '../fields.js';
import { code } from '../panel/code.js';
import { actions, frame } from './frame.js';
import { idempotencyKey } from './group.js';

/** The dialog: first the form, then the code. @param {State} state @param {Actions} act */
export function room(state, act) {
  return frame(act, { title: 'Create a room' },
    component('div', { key: 'room' }, (local) => {
      const session = local.made && (state.sessions[local.made.id] ?? local.made);
      return session ? ready(session, act) : questions(local, act);
    }));
}

/** @param {LocalState} local @param {Actions} act */
function questions(local, act) {
  /** @param {Fields} options */
  const send = async ({ title, keep, key }) => {
    const { session } = await act.request({ type: 'open', room: true, ...(title.trim() && { title: title.trim() }), keep: Boolean(keep), key });
    act.openSession(session.id);
    local.set({ made: session });
  };
  return form({ key: 'questions', class: 'stack', send }, ({ field, submit }) => [
    h('p', { class: 'muted' }, settings.guests ? 'Anyone with the room code can join, with an account or as a guest.' : 'Anyone with an account and the room code can join.'),
    field({ ...TITLE, hint: 'Optional. People see it before they join.', focus: true }),
    field(KEEP),
    idempotencyKey(),
    actions(act, submit('Create a room')),
  ]);
}

/** @param {Session} session @param {Actions} act */
function ready(session, act) {
  return h('div', { key: 'ready', class: 'stack' },
    h('p', { role: 'status' }, `“${isolate(session.title)}” is ready. Share this code or link.`),
    code(session, act),
    h('div', { class: 'dialog-actions' },
      button('Go to the room', () => enter(act), { look: 'primary', mount: focusSoon })));
}

/** The room is already open behind the dialog. @param {Actions} act */
function enter(act) {
  act.closeDialog();
  whenDrawn(focusComposer);
}
