// The first page: a description on one side, login and rooms on the other. The chosen card and its input are local state.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { component } from '../../lib/component.js';
import { focusSoon } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { settings } from '../../lib/settings.js';
import { createRoom, joinRoom } from './rooms.js';
import { roomLink } from './link.js';
import { scene } from './scene.js';
import { lastMethod, loginMethods } from './login-methods.js';
import { or } from './lookup.js';

/** The first page, also for a link to a room. @param {State} state @param {Actions} act */
export function welcome(state, act) {
  const { route } = state.view;
  return h('main', { key: 'welcome', class: 'welcome' },
    h('div', { class: 'wall' },
      h('div', { class: 'wall-text' },
        h('img', { src: '/web/icon.svg', alt: '', width: '56', height: '56' }),
        // On the page of a room, the room's title is the heading.
        h(route.name === 'room' ? 'p' : 'h1', { class: 'wall-title' }, 'Welcome to Parlor'),
        h('p', { class: 'wall-sentence' }, 'A quiet place to talk: one to one, in groups, or in rooms that anyone with the code can join.')),
      scene()),
    component('div', { key: `cards-${route.code ?? ''}`, class: 'cards', begin: (local) => { local.card = route.name === 'room' ? 'link' : 'ways'; local.method = lastMethod(); } },
      (local) => h('div', { class: 'card', key: local.card },
        state.link.why === 'revoked' && h('p', { key: 'note', class: 'note', role: 'status' }, icon('info'), 'This login was ended on another device. Log in again.'),
        CARDS[local.card](state, act, local))));
}

/** @type {Fields} */
const CARDS = {
  __proto__: null,
  ways: front,
  create: roomCard('Create a room', createRoom),
  join: roomCard('Join with a code', joinRoom),
  /** @param {State} state @param {Actions} act @param {LocalState} local */
  link: (state, act, local) => roomLink(state.view.route.code, act, local),
};

/** @param {State} state @param {Actions} act @param {LocalState} local */
function front(state, act, local) {
  return [
    loginMethods(act, local),
    // Both create a guest.
    settings.guests && or('or go straight to a room'),
    settings.guests && h('div', { key: 'rooms', class: 'room-buttons' },
      roomButton(local, 'create', 'room', 'Create a room'),
      roomButton(local, 'join', 'key', 'Join with a code')),
  ];
}

/** @param {LocalState} local @param {any} card @param {string} picture @param {string} label */
function roomButton(local, card, picture, label) {
  // Returning from a card restores the focus.
  return button(label, () => local.set({ card }), { icon: picture, mount: local.from === card ? focusSoon : null });
}

/** A card with a form. @param {string} title @param {(act: Actions) => VNode} form @returns {(state: State, act: Actions, local: LocalState) => View} */
function roomCard(title, form) {
  return (state, act, local) => [
    button('Back', () => local.set({ card: 'ways', from: local.card }), { key: 'back', icon: 'back', look: 'quiet card-back' }),
    h('h2', { key: 'title' }, title),
    form(act),
  ];
}
