// The rows of the timeline as data: messages, pending ones, and separators. Only a window of them is rendered; whether a message
// begins a group depends on the one before it, rendered or not, so that a row does not change when the window moves.

import { sameDay } from '../../lib/time.js';
import { statusOf } from '../../state/select.js';

/** Messages of one sender are grouped if no more time than this is between two of them. */
const TOGETHER = 5 * 60_000;

/** Rendered messages at most. */
export const SIZE = 160;

/**
 * A row. `day` and `line` are separators, `message` is a stored message or notice, `pending` one of mine that is not stored yet.
 * @typedef {{kind: 'day'|'line'|'notice'|'message'|'pending', key: string, at?: string|number, message?: Message, pending?:
 *   Pending, own?: boolean, first?: boolean, status?: string, newest?: boolean}} Row
 */

/** The window that begins at `start`, moved so that it is as full as possible. @param {number} start @param {number} count */
export function windowFrom(start, count) {
  const begin = Math.max(0, Math.min(start, count - SIZE));
  return { start: begin, end: Math.min(count, begin + SIZE) };
}

/**
 * The rows of a window.
 * @param {Session} session
 * @param {Pending[]} pending unsent messages, oldest first
 * @param {{start: number, end: number}} shown counts messages of the span, then pending ones
 * @param {State} state
 * @returns {Row[]}
 */
export function rows(session, pending, shown, state) {
  const { me } = state;
  const messages = session.span?.messages ?? [];
  /** @param {number} i */
  const all = (i) => messages[i] ?? pending[i - messages.length];
  /** @type {any[]} */
  const list = [];
  const begins = firstNew(session, me);
  const newest = pending.length > 0 ? undefined : messages.findLast((item) => isOwn(item, me) && !item.deleted);
  for (let i = shown.start; i < shown.end; i += 1) {
    const item = all(i);
    const before = i > 0 ? all(i - 1) : null;
    const newDay = !before || !sameDay(before.at, item.at);
    const newLine = begins !== null && item.seq === begins;
    if (newDay) list.push({ kind: 'day', key: `day-${nameOf(item)}`, at: item.at });
    if (newLine) list.push({ kind: 'line', key: 'line' });
    if (item.kind === 'notice') {
      list.push({ kind: 'notice', key: nameOf(item), message: item });
      continue;
    }
    const own = isOwn(item, me);
    const first = newDay || newLine || !continues(before, item, me);
    const common = { key: nameOf(item), own, first, at: item.at };
    if (isPending(item)) list.push({ ...common, kind: 'pending', pending: item });
    else list.push({ ...common, kind: 'message', message: item, status: own && !isOwn(all(i + 1), me) ? status(item, session, state) : undefined, newest: item === newest });
  }
  return list;
}

/** @param {any} item */
const isPending = (item) => item.seq === undefined;

/** A row's key; a pending message has its idempotency key. @param {any} item */
const nameOf = (item) => (isPending(item) ? `pending-${item.key}` : `message-${item.seq}`);

/** @param {any} item @param {Me} me */
function isOwn(item, me) {
  return item !== undefined && item.kind !== 'notice' && (isPending(item) || item.sender === me.id);
}

/** @param {any} before @param {any} item @param {Me} me */
function continues(before, item, me) {
  if (before.kind === 'notice') return false;
  /** @param {any} one */
  const sender = (one) => (isPending(one) ? me.id : one.sender);
  // @ts-expect-error: times are subtracted as numbers.
  return sender(before) === sender(item) && new Date(item.at) - new Date(before.at) < TOGETHER;
}

/**
 * The number of the first new text of another user, if it is loaded: the line is above it.
 * @param {Session} session
 * @param {Me} me
 */
export function firstNew({ line, span }, me) {
  const first = span?.messages[0]?.seq;
  // @ts-expect-error: undefined is below nothing.
  if (line === null || !(first <= line + 1)) return null;
  // @ts-expect-error: there is a first message.
  return span.messages.slice(line + 1 - first).find((item) => item.kind === 'text' && item.sender !== me.id)?.seq ?? null;
}

/**
 * @returns {string|undefined} the status of a message of mine as text
 * @param {Message} message
 * @param {Session} session
 * @param {State} state
 */
function status(message, session, state) {
  if (message.deleted) return undefined;
  const known = statusOf(message, session, state);
  return { sent: 'Sent', read: 'Read', some: `Read by ${known.readers}` }[known.status];
}
