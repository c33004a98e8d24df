// Logging out, which ends a guest's visit, and deleting the account.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { component } from '../../lib/component.js';
import { errorLine } from '../../lib/load.js';
import { count } from '../../lib/wording.js';
import { CURRENT_PASSWORD, wrongPassword } from '../fields.js';
import { folded } from './account-section.js';

/** The logout button, with a note for guests. @param {State} state @param {Actions} act */
export function logOut(state, act) {
  const guest = state.me.kind === 'guest';
  return component('section', { key: 'log-out', class: 'account-section' }, (local) => [
    guest && h('p', { key: 'guest', class: 'muted' }, 'You are a guest. When you log out, you leave all conversations and others can take your name.'),
    errorLine(local.refused, 'You are still logged in. '),
    button('Log out', () => leave(state, act, guest, local), { key: 'leave', icon: 'leave', look: 'wide' }),
  ]);
}

/**
 * Logs out; asks for confirmation if something would be lost.
 * @param {State} state
 * @param {Actions} act
 * @param {any} guest
 * @param {LocalState} local
 */
async function leave(state, act, guest, local) {
  const unsent = Object.values(state.outbox).flat().length;
  const losses = [
    unsent > 0 && `${count(unsent, 'unsent message')} will be lost.`,
    guest && 'You leave all conversations and cannot come back as the same guest.',
  ].filter(Boolean);
  if (losses.length > 0) {
    act.confirm({ title: 'Log out?', text: losses.join(' '), yes: 'Log out', danger: true, run: act.logout });
    return;
  }
  try {
    await act.logout();
  } catch (refused) {
    local.set({ refused });
  }
}

/** The section that deletes the account. @param {State} state @param {Actions} act */
export function deleteAccount(state, act) {
  /** @param {Fields} options */
  const send = async ({ current_password }) => {
    await act.rest('DELETE', '/me', { current_password });
    await act.logout();
  };
  const refusals = wrongPassword('Wrong password. Nothing was deleted.');
  return folded('delete-account', 'Delete account', form({ key: 'delete-account', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    h('p', { key: 'text' }, 'Your account is deleted permanently, and no one else can take your username. You leave all groups and rooms. Your messages stay, shown as sent by a deleted user.'),
    field(CURRENT_PASSWORD),
    field({ name: 'sure', label: 'I understand that this cannot be undone', type: 'checkbox', check: (value) => (value ? null : 'Confirm this first.') }),
    submit('Delete my account', 'danger'),
  ]));
}
