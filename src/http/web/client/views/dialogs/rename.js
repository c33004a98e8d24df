// Another title for a group or a room.

import { form } from '../../lib/form.js';
import { actions, close, frame } from './frame.js';
import { checkTitle, TITLE } from './title.js';

/** The dialog; `session` is the id of the group or room. @param {State} state @param {Actions} act @param {Fields} options */
export function rename(state, act, { session: id }) {
  const session = state.sessions[id];
  if (!session) return null;
  /** @param {Fields} values */
  const send = async ({ title }) => {
    await act.ask({ type: 'title', session: id, title: title.trim() });
    close(act);
  };
  return frame(act, { title: session.kind === 'room' ? 'Rename room' : 'Rename group' },
    form({ key: 'rename', class: 'stack', send }, ({ field, submit }) => [
      field({ name: 'title', label: 'Title', ...TITLE, begin: session.title, focus: true, check: checkTitle }),
      actions(act, submit('Rename')),
    ]));
}
