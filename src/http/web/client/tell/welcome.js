// Says that an invitation was accepted, or that one was added to a group, while one was perhaps looking elsewhere.

import { isolate } from '../lib/names.js';
import { adderOf, labelOf } from '../state/select.js';

/** What is to be said of an event, or nothing. @param {State} state @param {State} before @param {HandledEvent} event */
export function acceptance(state, before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'invite_answered') return null;
  const { invite } = frame;
  if (invite.state !== 'accepted' || invite.from.id !== state.me.id) return null;
  const text = `${isolate(labelOf(invite.to, state))} accepted your invitation`;
  return isGroup(invite, state, before) ? `${text} to “${isolate(invite.session.title)}”.` : `${text}.`;
}

/**
 * An accepted invitation names its session whatever its kind, and a direct one is called like the other person.
 * @param {Fields} options
 * @param {State} state
 * @param {State} before
 */
function isGroup({ id, session }, state, before) {
  const kind = session && state.sessions[session.id]?.kind;
  return kind ? kind !== 'direct' : Boolean(session && before.invites.out.find((one) => one.id === id)?.session);
}

/** Says who has added me to a new group, or nothing. @param {State} state @param {State} before @param {HandledEvent} event */
export function addition(state, before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'session_added' || before.sessions[frame.session.id]) return null;
  const user = adderOf(frame.session);
  return user ? `${isolate(labelOf(user, state))} added you to “${isolate(frame.session.title)}”.` : null;
}

/** A subscriber of the state. @param {(text: string) => void} say */
export function greet(say) {
  /** @type {Subscriber} */
  return (state, before, event) => {
    const text = acceptance(state, before, event) ?? addition(state, before, event);
    if (text) say(text);
  };
}
