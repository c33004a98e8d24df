// The details of the open conversation: description, members, and actions.

import { boundedArea } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { href } from '../../lib/route.js';
import { date } from '../../lib/time.js';
import { count } from '../../lib/wording.js';
import { otherOf, titleOf } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';
import { presence } from '../sidebar/presence.js';
import { code } from './code.js';
import { members } from './members.js';
import { newCode, sessionActions } from './session.js';
import { personActions } from './person.js';

/** @type {Fields} */
const KINDS = { __proto__: null, group: 'Group', room: 'Room', lobby: 'Lobby' };

/** @param {State} state @param {Actions} act */
export function panel(state, act) {
  const session = state.sessions[state.view.route.id];
  return h('aside', { class: 'panel', key: 'panel', 'aria-label': 'Details' },
    h('header', { class: 'pane-head' },
      h('h2', { class: 'grow' }, 'Details'),
      h('a', { class: 'icon-button', href: href({ name: 'session', id: state.view.route.id }), 'aria-label': 'Close details', title: 'Close details' }, icon('close'))),
    h('div', { key: session?.id, class: 'pane-body panel-body' }, session ? about(session, state, act) : h('p', { class: 'side-note' }, 'Loading…')));
}

/** @param {Session} session @param {State} state @param {Actions} act */
function about(session, state, act) {
  const { kind } = session;
  return [
    kind === 'direct' ? person(session, state) : face(session, state, KINDS[kind]),
    kind === 'room' && session.code && section('code', 'Room code',
      h('p', { class: 'small muted' }, 'Anyone with this code can join.'),
      code(session, act, newCode(session, act))),
    kind === 'lobby' && h('p', { key: 'lobby', class: 'muted' }, 'Everyone on this server can read and write here.'),
    (kind === 'group' || kind === 'room') && boundedArea('members', () => members(session, state, act)),
    kind === 'direct' ? personActions(session, state, act) : sessionActions(session, state, act),
  ];
}

/** @param {Session} session @param {State} state */
function person(session, state) {
  // @ts-expect-error: a direct session has another one.
  const { user } = otherOf(session, state);
  return face(session, state, 'Conversation',
    !user.deleted && h('p', { class: 'muted' }, `@${user.username}`),
    user.deleted ? h('p', { class: 'muted' }, 'This account was deleted.') : h('p', null, presence(user, state)));
}

/** The top of the panel. @param {Session} session @param {State} state @param {string} kind @param {...any} more */
function face(session, state, kind, ...more) {
  return h('div', { key: 'face', class: 'panel-face' },
    sessionAvatar(session, state, { size: 'large' }),
    h('h3', { class: 'panel-title', dir: 'auto' }, titleOf(session, state)),
    more,
    h('p', { class: 'small muted' }, `${kind} since ${date(session.created_at)}`),
    session.kind === 'lobby' && h('p', { class: 'muted' }, count(session.member_count, 'member')));
}

/** A section of the panel with a heading. @param {string} key @param {string} title @param {...any} children */
function section(key, title, ...children) {
  return h('section', { key, class: 'panel-section', 'aria-labelledby': `panel-${key}` },
    h('h3', { id: `panel-${key}` }, title), children);
}
