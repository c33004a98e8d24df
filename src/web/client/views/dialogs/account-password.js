// A new password, for which the present one is asked.

import { newPassword, some } from '../../lib/checks.js';
import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { folded } from './account-section.js';

/** The section for it. `memory.passwords` counts the changes. */
export function password(state, act, memory) {
  const send = async (values) => {
    await act.rest('PATCH', '/me', values);
    memory.set({ passwords: memory.passwords + 1 });
    act.dispatch({ type: 'toast', kind: 'info', text: 'Your password is changed. All your other logins have ended.' });
  };
  const refusals = {
    wrong_password: ['current_password', 'This is not your present password. Try again, and mind capital letters.'],
    too_many_attempts: 'current_password',
  };
  return folded(`password-${memory.passwords}`, 'Change password', form({ key: 'password', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    field({ name: 'current_password', label: 'Present password', type: 'password', autocomplete: 'current-password', check: some('Type your present password.') }),
    field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', check: newPassword, hint: 'At least 8 characters.' }),
    h('p', { key: 'words', class: 'muted small' }, 'Everywhere else you are logged out, so that only who knows the new password is in.'),
    submit('Change password', null),
  ]));
}
