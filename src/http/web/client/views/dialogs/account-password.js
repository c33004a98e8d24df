// A new password, for which the current one is asked.

import { PASSWORD_HINT, newPassword, some } from '../../lib/checks.js';
import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { folded } from './account-section.js';

/** The section for it. `memory.passwords` counts the changes. @param {State} state @param {Actions} act @param {Memory} memory */
export function password(state, act, memory) {
  /** @param {Fields} options */
  const send = async ({ current_password, password: fresh }) => {
    await act.rest('PATCH', '/me', { current_password, password: fresh });
    memory.set({ passwords: memory.passwords + 1 });
    act.dispatch({ type: 'toast', kind: 'info', text: 'Password changed. You were logged out on your other devices.' });
  };
  const refusals = {
    wrong_password: ['current_password', 'Wrong password.'],
    too_many_attempts: 'current_password',
  };
  return folded(`password-${memory.passwords}`, 'Change password', form({ key: 'password', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    field({ name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password', check: some('Enter your current password.') }),
    field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', check: newPassword, hint: PASSWORD_HINT }),
    h('p', { key: 'words', class: 'muted small' }, 'You will be logged out on your other devices.'),
    submit('Change password', null),
  ]));
}
