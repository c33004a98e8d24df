// Renaming a group or room.

import { form } from '../../lib/form.js';
import { checkTitle } from '../../lib/validation.js';
import { TITLE } from '../fields.js';
import { actions, frame } from './frame.js';

/** `session` is the id of the group or room. @param {State} state @param {Actions} act @param {Fields} options */
export function rename(state, act, { session: id }) {
  const session = state.sessions[id];
  if (!session) return null;
  /** @param {Fields} values */
  const send = async ({ title }) => {
    await act.request({ type: 'title', session: id, title: title.trim() });
    act.closeDialog();
  };
  return frame(act, { title: session.kind === 'room' ? 'Rename room' : 'Rename group' },
    form({ key: 'rename', class: 'stack', send }, ({ field, submit }) => [
      field({ ...TITLE, begin: session.title, focus: true, check: checkTitle }),
      actions(act, submit('Rename')),
    ]));
}
