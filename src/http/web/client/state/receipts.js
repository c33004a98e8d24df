// Read and received marks of others, my own mark, and the unread count.

import { withEntry } from '../lib/dict.js';
import { change } from './session.js';

/** Limit of the unread count. */
export const UNREAD_UP_TO = 1000;

/** Whether a message counts as unread for this user. @param {Message} message @param {Me} me */
export function counts(message, me) {
  return message.kind === 'text' && !message.deleted && message.sender !== me.id;
}

/**
 * Marks with one moved forward.
 * @param {Dict<Marks>} marks
 * @param {string} username
 * @param {number} read
 * @param {number} received
 */
export function marked(marks, username, read, received) {
  const before = marks[username] ?? { read: 0, received: 0 };
  return withEntry(marks, username, { read: Math.max(before.read, read), received: Math.max(before.received, received) });
}

/** Recounts unread messages; if not all are held, the session is synchronised instead. @param {Session} session @param {Me} me */
export function recount(session, me) {
  const { span, read, seq } = session;
  if (session.kind === 'lobby' || read >= seq) return { ...session, unread: 0 };
  if (!span?.live || !(span.messages[0]?.seq <= read + 1)) return { ...session, stale: true };
  const unread = span.messages.slice(read + 1 - span.messages[0].seq).filter((message) => counts(message, me)).length;
  return { ...session, unread: Math.min(unread, UNREAD_UP_TO) };
}

/** @param {State} state @param {string} id @param {number} seq */
const readUpTo = (state, id, seq) => change(state, id, (session) => (
  seq > session.read ? recount({ ...session, read: seq }, state.me) : session
));

/** @type {Handlers} */
export const receipts = {
  'frame:receipt': (state, { frame: { session, username, read, received } }) => {
    if (username === state.me.username) return readUpTo(state, session, read);
    return change(state, session, (held) => ({ ...held, receipts: marked(held.receipts, username, read, received) }));
  },

  'answered:read': (state, { request }) => readUpTo(state, request.session, request.seq),

  /** The newest message that was visible; `needs` decides whether it counts as read. */
  // @ts-expect-error: a reader who follows has a span.
  seen: (state, { session, seq }) => change(state, session, (held) => {
    const follows = held.span?.live && seq >= (held.span.messages.at(-1)?.seq ?? 0);
    // @ts-expect-error: a reader who follows has a span.
    const span = follows && !held.span.follows ? { ...held.span, follows: true } : held.span;
    return seq > held.shown || span !== held.span ? { ...held, span, shown: Math.max(seq, held.shown) } : held;
  }),
};
