// System notifications of new messages, if permitted: only while no tab of Parlor is looked at, from one tab only, one per
// conversation, closed when it is read.

import { showNotification } from '../lib/notification.js';
import { nameOf, titleOf } from '../state/select.js';

/** Characters of a message. */
const MOST = 200;

/** The lock that visible tabs hold. */
const LOOKED = 'parlor:looked-at';

/**
 * Whether an event is a message to notify about: in the lobby only mentions of me.
 * @param {State} state
 * @param {HandledEvent} event
 */
export function notifies(state, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'message' || frame.kind !== 'text' || frame.sender === state.me.id) return false;
  const session = state.sessions[frame.session];
  if (!session || frame.seq <= session.read) return false;
  return session.kind !== 'lobby' || (frame.mentions ?? []).some((name) => name.toLowerCase() === state.me.username.toLowerCase());
}

/**
 * A subscriber of the state.
 * @param {(session: string) => void} open what a click does
 * @param {() => boolean} allowed whether this person wants notifications
 */
export function systemNotifications(open, allowed) {
  if (!('Notification' in window) || !navigator.locks) return () => {};
  const shown = new Map();
  let first = false;
  /** @type {(value?: any) => void} */
  let lookAway = () => {};

  // Held until the page closes; the next tab gets it then.
  navigator.locks.request('parlor:notify', () => {
    first = true;
    return new Promise(() => {});
  });

  /** A tab that is looked at holds a shared lock, which ends with the tab in any case. @param {boolean} looked */
  function look(looked) {
    lookAway();
    lookAway = () => {};
    if (!looked) return;
    const away = new Promise((resolve) => { lookAway = resolve; });
    navigator.locks.request(LOOKED, { mode: 'shared' }, () => away);
  }

  async function isLookedAt() {
    /** @type {any} */
    const { held, pending } = await navigator.locks.query();
    return [...held, ...pending].some(({ name }) => name === LOOKED);
  }

  /** @type {any} */
  let newest = null;
  let wasLooked = false;

  /** @param {HandledEvent} event */
  async function showUnlessSeen({ frame }) {
    if (await isLookedAt()) return;
    // It may have been read or left meanwhile.
    if (newest.sessions[frame.session]?.read < frame.seq) show(newest, frame);
  }

  /** @param {State} state @param {Fields} options */
  function show(state, { session, username, text }) {
    const { kind } = state.sessions[session];
    const name = nameOf(username, state);
    const title = kind === 'direct' ? name : `${name} – ${titleOf(state.sessions[session], state)}`;
    const notification = showNotification(title, { body: text.slice(0, MOST), tag: `parlor:${session}` });
    if (!notification) return;
    notification.onclick = () => {
      window.focus();
      open(session);
    };
    notification.onclose = () => shown.get(session) === notification && shown.delete(session);
    shown.set(session, notification);
  }

  /** @type {Subscriber} */
  return (state, before, event) => {
    const looked = state.view.visible && state.view.focused;
    newest = state;
    if (looked !== wasLooked) look(looked);
    wasLooked = looked;
    for (const [id, notification] of shown) {
      const session = state.sessions[id];
      if (!session || session.unread === 0) notification.close();
    }
    if (!first || looked || Notification.permission !== 'granted' || !allowed()) return;
    if (notifies(state, event)) showUnlessSeen(event);
  };
}
