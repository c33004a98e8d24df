// Toasts for an accepted invite, and for being added to a group.

import { isolate } from '../lib/names.js';
import { adderOf, labelOf } from '../state/select.js';

/** The text for an event, or null. @param {State} state @param {State} before @param {HandledEvent} event */
export function acceptance(state, before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'invite_answered') return null;
  const { invite } = frame;
  if (invite.state !== 'accepted' || invite.from.id !== state.me.id) return null;
  const text = `${isolate(labelOf(invite.to, state))} accepted your invitation`;
  return isGroup(invite, state, before) ? `${text} to “${isolate(invite.session.title)}”.` : `${text}.`;
}

/**
 * An accepted invite has a session of any kind; a direct one has the other person's name as title.
 * @param {Fields} options
 * @param {State} state
 * @param {State} before
 */
function isGroup({ id, session }, state, before) {
  const kind = session && state.sessions[session.id]?.kind;
  return kind ? kind !== 'direct' : Boolean(session && before.invites.out.find((one) => one.id === id)?.session);
}

/** The text for being added to a new group, or null. @param {State} state @param {State} before @param {HandledEvent} event */
export function addition(state, before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'session_added' || before.sessions[frame.session.id]) return null;
  const user = adderOf(frame.session);
  return user ? `${isolate(labelOf(user, state))} added you to “${isolate(frame.session.title)}”.` : null;
}

/** A subscriber of the state. @param {(text: string) => void} toast */
export function toastInvites(toast) {
  /** @type {Subscriber} */
  return (state, before, event) => {
    const text = acceptance(state, before, event) ?? addition(state, before, event);
    if (text) toast(text);
  };
}
