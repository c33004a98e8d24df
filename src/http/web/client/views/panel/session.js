// What may be done with a group or room as a whole: renaming, leaving, deleting, another code.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { parse } from '../../lib/route.js';

/**
 * The buttons at the end of the panel. Nobody leaves, renames or deletes the lobby.
 * @param {Session} session
 * @param {State} state
 * @param {Actions} act
 */
export function sessionActions(session, state, act) {
  const { id, kind, role } = session;
  if (kind === 'lobby') return null;
  /** @param {Fields} dialog */
  const show = (dialog) => () => act.dispatch({ type: 'dialog', dialog });
  return h('div', { key: 'actions', class: 'panel-section panel-actions' },
    role !== 'member' && button('Rename', 'edit', null, show({ name: 'rename', session: id })),
    button('Leave', 'leave', 'danger', show(leaving(session, state, act))),
    role === 'owner' && button(`Delete ${kind}`, 'trash', 'danger', show(deleting(session, act))));
}

/** The owner's button for another room code. @param {Session} session @param {Actions} act */
export function newCode(session, act) {
  if (session.role !== 'owner') return null;
  return button('New code', 'key', null, () => act.dispatch({ type: 'dialog', dialog: {
    name: 'confirm',
    title: 'Replace the room code?',
    text: 'The current code and all links with it stop working immediately. Members stay in the room.',
    yes: 'Replace code',
    run: () => act.rest('POST', `/sessions/${session.id}/code`),
  } }));
}

/**
 * A button of the panel.
 * @param {string} label
 * @param {string} picture
 * @param {string|null} look
 * @param {(event: UiEvent) => any} onclick
 */
export function button(label, picture, look, onclick) {
  return h('button', { key: label, type: 'button', class: ['button', look], onclick }, icon(picture), label);
}

/** @param {Session} session @param {State} state @param {Actions} act */
function leaving(session, { me }, act) {
  return {
    name: 'confirm',
    title: `Leave “${isolate(session.title)}”?`,
    text: consequence(session, me),
    yes: 'Leave',
    danger: true,
    async run() {
      await act.ask({ type: 'leave', session: session.id });
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

/** Who follows an owner: the longest-standing admin, else the longest-standing member. @param {Session} session @param {Me} me */
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
    name: 'confirm',
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

/**
 * Leads home from a session that is no more, unless one has gone elsewhere while the server was asked.
 * @param {string} id
 * @param {Actions} act
 */
function depart(id, act) {
  if (parse(location.hash).id === id) act.go({ name: 'home' });
}
