// The ways out: logging out, which for a guest is the end of the visit, and deleting the account for good.

import { some } from '../../lib/checks.js';
import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { icon } from '../../lib/icons.js';
import { count } from '../../lib/words.js';
import { folded } from './account-section.js';

/** The button, and for guests what it means. */
export function logOut(state, act) {
  const guest = state.me.kind === 'guest';
  return h('section', { key: 'log-out', class: 'account-section' },
    guest && h('p', { class: 'muted' }, 'You are here as a guest. Your visit ends when you log out: you leave your conversations, and your name is free for others.'),
    h('button', { type: 'button', class: 'button wide', onclick: () => leave(state, act, guest) }, icon('leave'), 'Log out'));
}

/** Asks first where something would be lost. */
function leave(state, act, guest) {
  const unsent = Object.values(state.outbox).flat().length;
  const losses = [
    unsent > 0 && `${count(unsent, 'message')} not sent yet will be lost.`,
    guest && 'Your visit ends, and you cannot come back to these conversations as the same guest.',
  ].filter(Boolean);
  if (losses.length === 0) return act.logout();
  act.dispatch({ type: 'dialog', dialog: { name: 'confirm', title: 'Log out?', text: losses.join(' '), yes: 'Log out', danger: true, run: act.logout } });
}

/** The section for deleting the account. */
export function farewell(state, act) {
  const send = async ({ current_password }) => {
    await act.rest('DELETE', '/me', { current_password });
    await act.logout();
  };
  const refusals = {
    wrong_password: ['current_password', 'This is not your password. Nothing was deleted.'],
    too_many_attempts: 'current_password',
  };
  return folded('farewell', 'Delete account', form({ key: 'farewell', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    h('p', { key: 'words' }, 'Your account ends for good and nobody gets your name. You leave groups and rooms; what you wrote stays, as from a deleted user.'),
    field({ name: 'current_password', label: 'Your password', type: 'password', autocomplete: 'current-password', check: some('Type your password, so that it is really you.') }),
    field({ name: 'sure', label: 'I am sure; this cannot be undone', type: 'checkbox', check: (value) => (value ? null : 'Tick this first.') }),
    submit('Delete my account', 'danger'),
  ]));
}
