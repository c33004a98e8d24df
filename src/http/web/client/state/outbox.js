// Messages that are not stored yet, by session and oldest first. The idempotency key makes retries safe, at any time and from any
// tab.

import { mapped, withEntry, without } from '../lib/dict.js';

/** @param {State} state @param {string} key */
const find = (state, key) => Object.entries(state.outbox).find(([, list]) => list.some((one) => one.key === key))?.[0];

/** @param {State} state @param {string} session @param {(list: Pending[]) => Pending[]} how */
function revise(state, session, how) {
  const before = state.outbox[session] ?? [];
  const list = how(before);
  if (!before.length && !list.length) return state;
  return { ...state, outbox: list.length ? withEntry(state.outbox, session, list) : without(state.outbox, session) };
}

/** @param {State} state @param {string} key @param {Partial<Pending>} change */
function update(state, key, change) {
  const session = find(state, key);
  if (!session) return state;
  return revise(state, session, (list) => list.map((one) => (one.key === key ? { ...one, ...change } : one)));
}

/** @param {State} state @param {string} key */
function settle(state, key) {
  const session = find(state, key);
  return session ? revise(state, session, (list) => list.filter((one) => one.key !== key)) : state;
}

/** @param {Pending} one */
const waiting = (one) => (one.status === 'sending' ? { ...one, status: 'waiting' } : one);

/** The state without the messages to a session that has ended. @param {State} state @param {string} id */
const drop = (state, id) => (state.sessions[id] ? state : revise(state, id, () => []));

/** @type {Handlers} */
export const outbox = {
  wrote: (state, { pending }) => revise(state, pending.session, (list) => [...list, pending]),
  'requested:send': (state, { request }) => update(state, request.key, { status: 'sending', error: undefined }),
  'answered:send': (state, { request }) => settle(state, request.key),
  'refused:send': (state, { request, error }) => update(state, request.key, { status: 'failed', error }),
  retry: (state, { key }) => update(state, key, { status: 'waiting', error: undefined }),
  discard: (state, { key }) => settle(state, key),

  /** What an earlier page of this user left behind. */
  restored: (state, { pending }) => pending.reduce((after, one) => (
    find(after, one.key) ? after : revise(after, one.session, (list) => [...list, waiting(one)].sort((a, b) => a.at - b.at))
  ), state),

  // Messages to sessions that are no longer mine cannot be sent.
  'frame:ready': (state) => {
    const lost = state.whole ? Object.keys(state.outbox).filter((id) => !state.sessions[id]) : [];
    return lost.reduce(drop, state);
  },

  // The session no longer exists.
  'frame:session_removed': (state, { frame }) => drop(state, frame.session),
  'refused:session': (state, { request }) => drop(state, request.session),

  // The result of those in flight is unknown.
  link: (state, { link }) => (
    link.status === 'up' ? state : { ...state, outbox: mapped(state.outbox, (list) => list.map(waiting)) }
  ),
};
