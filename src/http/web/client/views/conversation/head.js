// The head of a conversation: who it is with, whether they are here or writing, and what leads away from it.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { lastSeen } from '../../lib/time.js';
import { count } from '../../lib/words.js';
import { otherOf, titleOf, typists } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';
import { searchIn } from '../search/index.js';

/** @returns the head; its heading names the landmark around it @param {State} state @param {Session} session @param {Actions} act */
export function head(state, session, act) {
  const title = titleOf(session, state);
  const other = otherOf(session, state);
  const { about } = state.view.route;
  return h('header', { class: 'pane-head conversation-head' },
    h('button', { type: 'button', class: 'icon-button only-narrow', 'aria-label': 'Back', title: 'Back', onclick: () => act.go({ name: 'home' }) }, icon('back')),
    // Also by the button at the end, which the keyboard reaches.
    h('div', { class: 'head-about pressable', onclick: () => act.go({ name: 'session', id: session.id, about: !about }) },
      sessionAvatar(session, state),
      h('div', { class: 'grow' },
      h('h1', { id: 'conversation-title', class: 'ellipsis', title }, h('bdi', null, title)),
      h('p', { class: 'small ellipsis second' }, second(state, session, other)))),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Search in this conversation', title: 'Search in this conversation', onclick: () => searchIn(act, session.id) }, icon('search')),
    h('button', {
      type: 'button', class: 'icon-button', 'aria-label': 'Details', title: 'Details', 'aria-expanded': String(Boolean(about)),
      onclick: () => act.go({ name: 'session', id: session.id, about: !about }),
    }, icon('info')));
}

/** Who is writing; else who is here. @param {State} state @param {Session} session @param {Person|null} other */
function second(state, session, other) {
  const names = typists(session, state);
  if (names.length > 0) return h('span', { class: 'typing' }, writing(names));
  if (session.kind === 'direct') return standing(other, state.now);
  if (session.kind === 'lobby') return h('span', { class: 'muted' }, `Everyone on this server, ${count(session.member_count, 'member')}`);
  const online = here(state, session);
  return [
    h('span', { class: 'muted' }, session.member_count === 1 ? 'Only you' : `${session.member_count} members`),
    // One's own presence is no news.
    online > 1 && [h('span', { class: 'muted' }, ', '), h('span', { class: 'online' }, `${online} online`)],
  ];
}

/** The username, which nobody else can have, and presence. @param {Person|null} other @param {number} now */
function standing(other, now) {
  const here = presence(other, now);
  if (!other || other.user.deleted) return here;
  return [h('span', { class: 'muted' }, h('bdi', null, `@${other.user.username}`)), here && [h('span', { class: 'muted' }, ' · '), here]];
}

/** @param {Person|null} other @param {number} now */
function presence(other, now) {
  if (!other || other.user.deleted) return h('span', { class: 'muted' }, 'Account deleted');
  if (other.status === 'online') return h('span', { class: 'online' }, 'online');
  if (other.status === 'offline') return h('span', { class: 'muted' }, other.last_seen ? `offline, ${lastSeen(other.last_seen, now)}` : 'offline');
  return null;
}

/** How many members are online, where all are known; the one who reads this is. @param {State} state @param {Session} session */
function here(state, session) {
  const list = session.people && !session.people.next ? session.people.list : (session.members ?? []);
  if (list.length < session.member_count) return 0;
  return list.filter(({ user }) => user.id === state.me.id || state.people[user.username.toLowerCase()]?.status === 'online').length;
}

/** @param {string[]} names */
function writing(names) {
  /** @param {string} name */
  const bdi = (name) => h('bdi', null, name);
  if (names.length === 1) return [bdi(names[0]), ' is typing…'];
  if (names.length === 2) return [bdi(names[0]), ' and ', bdi(names[1]), ' are typing…'];
  return `${names.length} people are typing…`;
}
