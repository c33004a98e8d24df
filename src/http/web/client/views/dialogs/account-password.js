// Changing the password, which requires the current one.

import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { CURRENT_PASSWORD, NEW_PASSWORD, wrongPassword } from '../fields.js';
import { folded } from './account-section.js';

/** `local.passwords` counts the changes. @param {State} state @param {Actions} act @param {LocalState} local */
export function password(state, act, local) {
  /** @param {Fields} options */
  const send = async ({ current_password, password: fresh }) => {
    await act.rest('PATCH', '/me', { current_password, password: fresh });
    local.set({ passwords: local.passwords + 1 });
    act.toast('Password changed. You were logged out on your other devices.');
  };
  const refusals = wrongPassword('Wrong password.');
  return folded(`password-${local.passwords}`, 'Change password', form({ key: 'password', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    field(CURRENT_PASSWORD),
    field({ label: 'New password', ...NEW_PASSWORD }),
    h('p', { key: 'text', class: 'muted small' }, 'You will be logged out on your other devices.'),
    submit('Change password', null),
  ]));
}
