// The sidebar's header: own account, and the menu for a new conversation.

import { h } from '../../lib/dom.js';
import { whenDrawn } from '../../lib/focus.js';
import { avatar } from '../avatar.js';
import { menuButton } from '../menu.js';

/** @param {State} state @param {Actions} act */
export function head({ me, link }, act) {
  const openAccount = () => act.openDialog({ name: 'account' });
  return h('header', { class: 'pane-head' },
    h('h1', { class: 'visually-hidden' }, 'Parlor'),
    h('button', {
      type: 'button', class: 'account-button', 'aria-label': 'Account', title: 'Account', 'aria-haspopup': 'dialog',
      onclick: openAccount,
    }, avatar(me.display_name, { seed: me.username, online: link.status === 'up' })),
    // The avatar is the button for the keyboard.
    h('div', { class: 'grow pressable', onclick: openAccount },
      h('p', { class: 'ellipsis own-name', dir: 'auto' }, me.display_name),
      h('p', { class: 'ellipsis small muted' }, me.kind === 'guest' ? 'Guest' : `@${me.username}`)),
    menuButton({ label: 'New conversation', icon: 'plus', items: beginnings(act) }));
}

/** The menu for a new conversation. @param {Actions} act */
function beginnings(act) {
  /** @param {string} name */
  const show = (name) => () => act.openDialog({ name });
  return [
    { label: 'Create a group', icon: 'people', run: show('group') },
    { label: 'Create a room', icon: 'room', run: show('room') },
    { label: 'Join with a code', icon: 'key', run: show('join') },
    { label: 'Find people', icon: 'search', run: () => findPeople(act) },
  ];
}

/** Focuses the search field for people. @param {Actions} act */
export function findPeople(act) {
  act.dispatch({ type: 'side', side: 'people' });
  whenDrawn(() => document.getElementById('find-person')?.focus());
}
