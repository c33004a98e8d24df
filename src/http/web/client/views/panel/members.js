// The members of a group or room with their roles, and actions for each.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { passFocus } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { memo } from '../../lib/memo.js';
import { byName } from '../../lib/names.js';
import { count } from '../../lib/wording.js';
import { avatar } from '../avatar.js';
import { menuButton } from '../menu.js';
import { labelOf } from '../../state/select.js';
import { isOnline, standing } from '../sidebar/presence.js';
import { openPerson, pressable } from '../profile.js';
import { memberActions } from './roles.js';

/** @type {Fields} */
const RANK = { __proto__: null, owner: 0, admin: 1, member: 2 };
const MINUTE = 60_000;

/**
 * The list of members, rendered again only when one of them changes, or once a minute for "last seen".
 * @param {Session} session
 * @param {State} state
 * @param {Actions} act
 */
export function members(session, { me, people, sessions, now }, act) {
  return drawn(session, me, people, sessions, Math.floor(now / MINUTE) * MINUTE, act);
}

/** @type {(session: Session, me: Me, people: Dict<Person>, sessions: Dict<Session>, now: number, act: Actions) => View} */
const drawn = memo((session, me, people, sessions, now, act) => {
  /** @type {any} */
  const state = { me, people, sessions, now };
  const list = session.people?.list ?? session.members;
  const missing = session.member_count - list.length;
  return h('section', { key: 'members', class: 'panel-section', 'aria-labelledby': 'panel-members' },
    h('div', { class: 'row' },
      h('h3', { id: 'panel-members', class: 'grow' }, count(session.member_count, 'member')),
      session.kind === 'group' && session.role !== 'member' && button('Invite people', () => act.openDialog({ name: 'add', session: session.id }), { icon: 'invite', look: 'small-button' })),
    h('ul', { role: 'list', 'aria-label': 'Members', class: 'people' }, boundedRows(ordered(list, state), (member) => item(member, session, state, act), { keyOf: ({ user }) => user.id })),
    missing > 0 && h('p', { class: 'side-note' }, session.people && !session.people.next ? `and ${missing} more` : 'Loading members…'));
});

/** By role, then by presence, then by name. @param {Member[]} list @param {State} state */
function ordered(list, state) {
  /** @param {{user: User}} member */
  const away = ({ user }) => (isOnline(user, state) ? 0 : 1);
  return list.map((member) => ({ member, away: away(member) }))
    .sort((a, b) => RANK[a.member.role] - RANK[b.member.role] || a.away - b.away || byName(a.member.user, b.member.user))
    .map(({ member }) => member);
}

/** @param {Member} member @param {Session} session @param {State} state @param {Actions} act */
function item({ user, role }, session, state, act) {
  const mine = user.id === state.me.id;
  const items = mine ? [] : memberActions(user, role, session, state, act);
  const opens = !mine && !user.deleted;
  return h('li', { key: user.id, class: ['person', opens && 'pressable'], unmount: passFocus, ...(opens && pressable(() => openPerson(user.username, state, act))) },
    avatar(user.display_name, { seed: user.username, online: mine || isOnline(user, state), deleted: user.deleted }),
    h('div', { class: 'person-text' },
      h('p', { class: 'row' },
        h('span', { class: 'ellipsis person-name', dir: 'auto' }, user.display_name),
        mine && h('span', { class: 'tag' }, 'you'),
        role !== 'member' && h('span', { class: ['tag', `role-${role}`] }, role === 'owner' && icon('crown'), role)),
      h('p', { class: 'ellipsis small' }, mine ? h('span', { class: 'muted' }, `@${user.username}`) : standing(user, state))),
    items.length > 0 && menuButton({ label: `Actions for ${labelOf(user, state)}`, items }));
}
