// Joining a room by its code.

import { form } from '../../lib/form.js';
import { actions, close, frame } from './frame.js';

/** The dialog. @param {State} state @param {Actions} act */
export function join(state, act) {
  /** @param {Fields} values */
  const send = async ({ code }) => {
    const { session } = await act.ask({ type: 'join', code: bare(code) });
    close(act);
    act.go({ name: 'session', id: session.id });
  };
  return frame(act, { title: 'Join with a code' },
    form({ key: 'join', class: 'stack', send, refusals: { unknown_room: 'code', too_many_attempts: 'code', rate_limited: 'code' } }, ({ field, submit }) => [
      field({
        name: 'code', label: 'Room code', class: 'input code-input', hint: 'You can also paste the link. Spaces, hyphens and case do not matter.',
        focus: true, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
        check: (code) => (bare(code) ? null : 'Enter a room code, or paste a link.'),
      }),
      actions(act, submit('Join room')),
    ]));
}

/** The code itself, also out of a pasted link. @param {string} text */
function bare(text) {
  return text.trim().replace(/^.*\/room\//, '').replace(/[/?#].*$/, '');
}
