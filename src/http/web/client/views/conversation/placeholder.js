// Shown in place of a conversation: none is selected, it is loading, or it does not exist.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { href } from '../../lib/route.js';

const picture = () => h('span', { class: 'empty-picture' }, icon('chat'));

/** No conversation is selected. @param {State} state @param {Actions} act */
function nothing(state, act) {
  // Until the list is loaded it is unknown whether there are any.
  if (!state.server) return h('p', { class: 'loading grow late', role: 'status' }, 'Loading…');
  const none = Object.keys(state.sessions).length === 0;
  /** @param {string} dialog */
  const open = (dialog) => () => act.openDialog({ name: dialog });
  return h('div', { class: 'empty grow' },
    picture(),
    h('h1', null, none ? 'No conversations yet' : 'Choose a conversation'),
    h('p', null, none
      ? 'Find people to write to, or create a room and share its code.'
      : 'Pick one from the list, or start a new one.'),
    h('div', { class: 'row empty-doings' },
      button('Find people', () => act.dispatch({ type: 'side', side: 'people' }), { icon: 'search' }),
      button('Create a room', open('room'), { icon: 'room' })),
    h('p', { class: 'small' }, 'Press ', h('kbd', null, '?'), ' for keyboard shortcuts.'));
}

/** The conversation of the address is loading or does not exist. @param {State} state */
function absent(state) {
  if (state.view.missing !== state.view.route.id) return h('p', { class: 'loading grow', role: 'status' }, 'Loading…');
  return h('div', { class: 'empty grow' },
    picture(),
    h('h1', null, 'Conversation not found'),
    h('p', null, 'It was deleted, or you are no longer a member.'),
    h('a', { class: 'button', href: href({ name: 'home' }) }, 'Go to your conversations'));
}

/** The main area while no conversation is open. @param {State} state @param {Actions} act */
export function noConversation(state, act) {
  const { route } = state.view;
  return h('main', { class: 'main', key: 'main', 'aria-label': 'Conversation' },
    route.name === 'session' ? absent(state) : nothing(state, act));
}
