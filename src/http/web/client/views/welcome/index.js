// The first page: what this is on one side, the ways in on the other. Which way is chosen, and what is typed, stays here
// until somebody is in.

import { h } from '../../lib/dom.js';
import { part } from '../../lib/part.js';
import { icon } from '../../lib/icons.js';
import { settings } from '../../lib/settings.js';
import { createRoom, joinRoom } from './rooms.js';
import { roomLink } from './link.js';
import { scene } from './scene.js';
import { lastWay, ways } from './ways.js';

/** The first page, also for those who follow a link to a room. @param {State} state @param {Actions} act */
export function welcome(state, act) {
  const { route } = state.view;
  return h('main', { key: 'welcome', class: 'welcome' },
    h('div', { class: 'wall' },
      h('div', { class: 'wall-words' },
        h('img', { src: '/web/icon.svg', alt: '', width: '56', height: '56' }),
        // On the page of a room, the room is what it is about.
        h(route.name === 'room' ? 'p' : 'h1', { class: 'wall-title' }, 'Welcome to Parlor'),
        h('p', { class: 'wall-sentence' }, 'A quiet place to talk: one to one, in groups, or in rooms that anyone with the code can join.')),
      scene()),
    part('div', { key: `doors-${route.code ?? ''}`, class: 'doors', begin: (memory) => { memory.door = route.name === 'room' ? 'link' : 'ways'; memory.way = lastWay(); } },
      (memory) => h('div', { class: 'door-card', key: memory.door },
        state.link.why === 'revoked' && h('p', { key: 'note', class: 'note', role: 'status' }, icon('info'), 'This login was ended on another device. Log in again.'),
        DOORS[memory.door](state, act, memory))));
}

/** @type {Dict<(state: State, act: Actions, memory: Memory) => View>} */
// @ts-expect-error: a table has no prototype.
const DOORS = { __proto__: null, ways: front, create, join, link: (state, act, memory) => roomLink(state.view.route.code, act, memory) };

/** @param {State} state @param {Actions} act @param {Memory} memory */
function front(state, act, memory) {
  return [
    ways(act, memory),
    // Both begin with a guest.
    settings.guests && h('div', { key: 'or', class: 'or' }, h('span', null, 'or go straight to a room')),
    settings.guests && h('div', { key: 'rooms', class: 'room-buttons' },
      roomButton(memory, 'create', 'door', 'Create a room'),
      roomButton(memory, 'join', 'key', 'Join with a code')),
  ];
}

/** @param {Memory} memory @param {any} door @param {string} picture @param {string} label */
function roomButton(memory, door, picture, label) {
  return h('button', {
    type: 'button', class: 'button',
    // Who comes back from there goes on where they were.
    mount: memory.from === door ? (element) => queueMicrotask(() => element.focus()) : null,
    onclick: () => memory.set({ door }),
  }, icon(picture), label);
}

/** @param {State} state @param {Actions} act @param {Memory} memory */
function create(state, act, memory) {
  return [back(memory), h('h2', { key: 'title' }, 'Create a room'), createRoom(act)];
}

/** @param {State} state @param {Actions} act @param {Memory} memory */
function join(state, act, memory) {
  return [back(memory), h('h2', { key: 'title' }, 'Join with a code'), joinRoom(act)];
}

/** @param {Memory} memory */
function back(memory) {
  return h('button', { key: 'back', type: 'button', class: 'button quiet door-back', onclick: () => memory.set({ door: 'ways', from: memory.door }) }, icon('back'), 'Back');
}
