// The display name.

import { personName } from '../../lib/validation.js';
import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { isolate } from '../../lib/names.js';

/** @param {State} state @param {Actions} act */
export function name(state, act) {
  const { display_name: now } = state.me;
  /** @param {Fields} values */
  const send = async (values) => {
    const { user } = await act.rest('PATCH', '/me', { display_name: values.display_name.trim() });
    act.dispatch({ type: 'phase', phase: 'member', me: user });
    act.dispatch({ type: 'people', users: [user] });
    act.toast(`Your display name is now “${isolate(user.display_name)}”.`);
  };
  return h('section', { key: 'name', class: 'account-section' }, form({ key: 'name', class: 'form', send }, ({ field, submit }) => [
    field({ name: 'display_name', label: 'Display name', autocomplete: 'nickname', dir: 'auto', begin: now, check: personName }),
    submit('Save name', null),
  ]));
}
