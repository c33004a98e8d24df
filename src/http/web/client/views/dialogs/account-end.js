// The ways out: logging out, which for a guest is the end of the visit, and deleting the account for good.

import { some } from '../../lib/checks.js';
import { h } from '../../lib/dom.js';
import { form, owner } from '../../lib/form.js';
import { icon } from '../../lib/icons.js';
import { part } from '../../lib/part.js';
import { count, inWords } from '../../lib/words.js';
import { folded } from './account-section.js';

/** The button, and for guests what it means. @param {State} state @param {Actions} act */
export function logOut(state, act) {
  const guest = state.me.kind === 'guest';
  return part('section', { key: 'log-out', class: 'account-section' }, (memory) => [
    guest && h('p', { key: 'guest', class: 'muted' }, 'You are a guest. When you log out, you leave all conversations and others can take your name.'),
    h('div', { key: 'error', role: 'alert' }, memory.refused && h('p', { class: 'error-text' }, `You are still logged in. ${inWords(memory.refused)}`)),
    h('button', { key: 'leave', type: 'button', class: 'button wide', onclick: () => leave(state, act, guest, memory) }, icon('leave'), 'Log out'),
  ]);
}

/** Asks first where something would be lost. @param {State} state @param {Actions} act @param {any} guest @param {Memory} memory */
async function leave(state, act, guest, memory) {
  const unsent = Object.values(state.outbox).flat().length;
  const losses = [
    unsent > 0 && `${count(unsent, 'unsent message')} will be lost.`,
    guest && 'You leave all conversations and cannot come back as the same guest.',
  ].filter(Boolean);
  if (losses.length > 0) {
    act.dispatch({ type: 'dialog', dialog: { name: 'confirm', title: 'Log out?', text: losses.join(' '), yes: 'Log out', danger: true, run: act.logout } });
    return;
  }
  try {
    await act.logout();
  } catch (refused) {
    memory.set({ refused });
  }
}

/** The section for deleting the account. @param {State} state @param {Actions} act */
export function farewell(state, act) {
  /** @param {Fields} options */
  const send = async ({ current_password }) => {
    await act.rest('DELETE', '/me', { current_password });
    await act.logout();
  };
  const refusals = {
    wrong_password: ['current_password', 'Wrong password. Nothing was deleted.'],
    too_many_attempts: 'current_password',
  };
  return folded('farewell', 'Delete account', form({ key: 'farewell', class: 'form', send, refusals }, ({ field, submit }) => [
    owner(state.me.username),
    h('p', { key: 'words' }, 'Your account is deleted permanently, and no one else can take your username. You leave all groups and rooms. Your messages stay, shown as sent by a deleted user.'),
    field({ name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password', check: some('Enter your current password.') }),
    field({ name: 'sure', label: 'I understand that this cannot be undone', type: 'checkbox', check: (value) => (value ? null : 'Confirm this first.') }),
    submit('Delete my account', 'danger'),
  ]));
}
