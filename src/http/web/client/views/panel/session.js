// Actions on a group or room: renaming, leaving, deleting, a new code.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { isolate } from '../../lib/names.js';
import { parse } from '../../lib/route.js';

/** The buttons at the end of the panel. The lobby has none. @param {Session} session @param {State} state @param {Actions} act */
export function sessionActions(session, state, act) {
  const { id, kind, role } = session;
  if (kind === 'lobby') return null;
  return h('div', { key: 'actions', class: 'panel-section panel-actions' },
    role !== 'member' && button('Rename', () => act.openDialog({ name: 'rename', session: id }), { key: 'rename', icon: 'edit' }),
    button('Leave', () => act.confirm(leaving(session, state, act)), { key: 'leave', icon: 'leave', look: 'danger' }),
    role === 'owner' && button(`Delete ${kind}`, () => act.confirm(deleting(session, act)), { key: 'delete', icon: 'trash', look: 'danger' }));
}

/** The owner's button for a new room code. @param {Session} session @param {Actions} act */
export function newCode(session, act) {
  if (session.role !== 'owner') return null;
  return button('New code', () => act.confirm({
    title: 'Replace the room code?',
    text: 'The current code and all links with it stop working immediately. Members stay in the room.',
    yes: 'Replace code',
    run: () => act.rest('POST', `/sessions/${session.id}/code`),
  }), { key: 'code', icon: 'key' });
}

/** @param {Session} session @param {State} state @param {Actions} act */
function leaving(session, { me }, act) {
  return {
    title: `Leave “${isolate(session.title)}”?`,
    text: consequence(session, me),
    yes: 'Leave',
    danger: true,
    async run() {
      await act.request({ type: 'leave', session: session.id });
      depart(session.id, act);
    },
  };
}

/** @param {Session} session @param {Me} me */
function consequence(session, me) {
  if (session.member_count === 1) {
    return session.kind === 'group'
      ? 'You are the last member. The group and all its messages will be deleted.'
      : 'You are the last member. Unless the room is kept, it will be deleted with all its messages.';
  }
  const back = session.kind === 'room' ? 'You can rejoin with the room code.' : 'You can rejoin only if you are invited again.';
  const heir = session.role === 'owner' && successor(session, me);
  return [heir && `${isolate(heir.user.display_name)} becomes the owner.`, 'Your messages stay.', back].filter(Boolean).join(' ');
}

/** The next owner: the longest-standing admin, otherwise the longest-standing member. @param {Session} session @param {Me} me */
function successor(session, me) {
  const others = (session.people?.list ?? session.members).filter(({ user }) => user.id !== me.id);
  /** @param {Fields} options */
  const order = ({ joined_at: at, user }) => `${at} ${user.id}`;
  /** @param {any[]} list */
  const eldest = (list) => [...list].sort((a, b) => (order(a) < order(b) ? -1 : 1))[0];
  return eldest(others.filter(({ role }) => role === 'admin')) ?? eldest(others);
}

/** @param {Session} session @param {Actions} act */
function deleting({ id, kind, title }, act) {
  return {
    title: `Delete “${isolate(title)}”?`,
    text: `The ${kind} and all its messages will be deleted for everyone. This cannot be undone.`,
    yes: `Delete ${kind}`,
    danger: true,
    async run() {
      await act.rest('DELETE', `/sessions/${id}`);
      depart(id, act);
    },
  };
}

/** Goes home from a session that has ended, unless the user has navigated meanwhile. @param {string} id @param {Actions} act */
function depart(id, act) {
  if (parse(location.hash).id === id) act.go({ name: 'home' });
}
