// The header of a conversation: title, presence or typing, and navigation.

import { iconButton } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { count } from '../../lib/wording.js';
import { otherOf, titleOf, typists } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';
import { searchIn } from '../search/index.js';
import { isOnline, standing } from '../sidebar/presence.js';

/** @returns the head; its heading names the landmark around it @param {State} state @param {Session} session @param {Actions} act */
export function head(state, session, act) {
  const title = titleOf(session, state);
  const other = otherOf(session, state);
  const { about } = state.view.route;
  const toggle = () => act.go({ name: 'session', id: session.id, about: !about });
  return h('header', { class: 'pane-head conversation-head' },
    iconButton('Back', 'back', () => act.go({ name: 'home' }), { class: 'icon-button only-narrow' }),
    // The button at the end does the same for the keyboard.
    h('div', { class: 'head-about pressable', onclick: toggle },
      sessionAvatar(session, state),
      h('div', { class: 'grow' },
      h('h1', { id: 'conversation-title', class: 'ellipsis', title }, bdi(title)),
      h('p', { class: 'small ellipsis second' }, second(state, session, other)))),
    iconButton('Search in this conversation', 'search', () => searchIn(act, session.id)),
    iconButton('Details', 'info', toggle, { 'aria-expanded': String(Boolean(about)) }));
}

/** Who is typing; otherwise presence. @param {State} state @param {Session} session @param {Person|null} other */
function second(state, session, other) {
  const names = typists(session, state);
  if (names.length > 0) return h('span', { class: 'typing' }, writing(names));
  if (other) return other.user.deleted ? h('span', { class: 'muted' }, 'Account deleted') : standing(other.user, state);
  if (session.kind === 'lobby') return h('span', { class: 'muted' }, `Everyone on this server, ${count(session.member_count, 'member')}`);
  const online = here(state, session);
  return [
    h('span', { class: 'muted' }, session.member_count === 1 ? 'Only you' : `${session.member_count} members`),
    // Oneself is always online.
    online > 1 && [h('span', { class: 'muted' }, ', '), h('span', { class: 'online' }, `${online} online`)],
  ];
}

/** Online members including oneself, if all are known; otherwise 0. @param {State} state @param {Session} session */
function here(state, session) {
  const list = session.people && !session.people.next ? session.people.list : (session.members ?? []);
  if (list.length < session.member_count) return 0;
  return list.filter(({ user }) => user.id === state.me.id || isOnline(user, state)).length;
}

/** @param {string[]} names */
function writing(names) {
  if (names.length === 1) return [bdi(names[0]), ' is typing…'];
  if (names.length === 2) return [bdi(names[0]), ' and ', bdi(names[1]), ' are typing…'];
  return `${names.length} people are typing…`;
}
