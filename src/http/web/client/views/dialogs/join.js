// Joining a room by its code.

import { form } from '../../lib/form.js';
import { codeIn } from '../../lib/validation.js';
import { CODE } from '../fields.js';
import { actions, frame } from './frame.js';

/** @param {State} state @param {Actions} act */
export function join(state, act) {
  /** @param {Fields} values */
  const send = async ({ code }) => {
    const { session } = await act.request({ type: 'join', code: codeIn(code) });
    act.closeDialog();
    act.openSession(session.id);
  };
  return frame(act, { title: 'Join with a code' },
    form({ key: 'join', class: 'stack', send, refusals: { unknown_room: 'code', too_many_attempts: 'code', rate_limited: 'code' } }, ({ field, submit }) => [
      field({
        ...CODE, hint: 'You can also paste the link. Spaces, hyphens and case do not matter.', focus: true,
        check: (code) => (codeIn(code) ? null : 'Enter a room code, or paste a link.'),
      }),
      actions(act, submit('Join room')),
    ]));
}
