// What stands in place of a conversation: none is chosen, it is still loading, or it is not there.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { href } from '../../lib/route.js';

/** Nothing is chosen: what one can do. */
function nothing(state, act) {
  const none = Object.keys(state.sessions).length === 0;
  const open = (dialog) => () => act.dispatch({ type: 'dialog', dialog: { name: dialog } });
  return h('div', { class: 'empty grow' },
    h('span', { class: 'empty-picture' }, icon('chat')),
    h('h1', null, none ? 'Nobody to talk to yet?' : 'Choose a conversation'),
    h('p', null, none
      ? 'Find somebody to write to, or open a room and give its code to others.'
      : 'Pick one from the list, find somebody to write to, or open a room and give its code to others.'),
    h('div', { class: 'row empty-doings' },
      h('button', { type: 'button', class: 'button', onclick: () => act.dispatch({ type: 'side', side: 'people' }) }, icon('search'), 'Find people'),
      h('button', { type: 'button', class: 'button', onclick: open('room') }, icon('door'), 'Create a room')),
    h('p', { class: 'small' }, 'Press ', h('kbd', null, '?'), ' for keyboard shortcuts.'));
}

/** The conversation of this address. */
function absent(state) {
  if (state.view.missing !== state.view.route.id) return h('p', { class: 'loading grow', role: 'status' }, 'Loading…');
  return h('div', { class: 'empty grow' },
    h('span', { class: 'empty-picture' }, icon('chat')),
    h('h1', null, 'This conversation is not here'),
    h('p', null, 'It was deleted, or you are no longer a member of it.'),
    h('a', { class: 'button', href: href({ name: 'home' }) }, 'To your conversations'));
}

/** The main part of the page, where no conversation is open. */
export function noConversation(state, act) {
  const { route } = state.view;
  return h('main', { class: 'main', key: 'main', 'aria-label': 'Conversation' },
    route.name === 'session' ? absent(state) : nothing(state, act));
}
