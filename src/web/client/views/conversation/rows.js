// What stands in the timeline, as data: messages, those not yet sent, and the lines between them. Only a stretch of it is
// on the page at a time; whether a message begins a group still follows the one before it, shown or not, so that a row
// stays as it is when the stretch moves.

import { sameDay } from '../../lib/time.js';
import { statusOf } from '../../state/select.js';

/** Messages of one sender stand together as long as no more time than this lies between two of them. */
const TOGETHER = 5 * 60_000;

/** How many messages are on the page at most. */
export const SIZE = 160;

/**
 * A row. `day`, `line` and `notice` are lines across; `message` is what somebody wrote, `pending` what I wrote and the
 * server has not kept yet.
 * @typedef {{kind: 'day'|'line'|'notice'|'message'|'pending', key: string, at?: string|number, message?: object, pending?: object,
 *   own?: boolean, first?: boolean, status?: string}} Row
 */

/** The stretch that begins at `start`, moved so that it is as full as it can be. */
export function stretch(start, count) {
  const begin = Math.max(0, Math.min(start, count - SIZE));
  return { start: begin, end: Math.min(count, begin + SIZE) };
}

/**
 * The rows of a stretch.
 * @param {object} session
 * @param {object[]} pending what waits to be sent here, oldest first
 * @param {{start: number, end: number}} shown counts messages of the span, then what is pending
 * @param {object} state
 * @returns {Row[]}
 */
export function rows(session, pending, shown, state) {
  const { me } = state;
  const messages = session.span?.messages ?? [];
  const all = (i) => messages[i] ?? pending[i - messages.length];
  const list = [];
  for (let i = shown.start; i < shown.end; i += 1) {
    const item = all(i);
    const before = i > 0 ? all(i - 1) : null;
    const newDay = !before || !sameDay(before.at, item.at);
    const newLine = startsNew(session, before, item);
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
    else list.push({ ...common, kind: 'message', message: item, status: own && !isOwn(all(i + 1), me) ? status(item, session, state) : undefined });
  }
  return list;
}

const isPending = (item) => item.seq === undefined;

/** A row's key; a pending message has the key it is sent with. */
const nameOf = (item) => (isPending(item) ? `pending-${item.key}` : `message-${item.seq}`);

function isOwn(item, me) {
  return item !== undefined && item.kind !== 'notice' && (isPending(item) || item.sender === me.id);
}

function continues(before, item, me) {
  if (before.kind === 'notice') return false;
  const sender = (one) => (isPending(one) ? me.id : one.sender);
  return sender(before) === sender(item) && new Date(item.at) - new Date(before.at) < TOGETHER;
}

/** Whether the line "New messages" stands before an item: the first text of somebody else's above it. */
function startsNew(session, before, item) {
  const { line } = session;
  if (line === null || line === undefined || isPending(item) || item.seq <= line) return false;
  return !before || before.seq <= line;
}

/** @returns {string|undefined} what became of a message of mine, in words */
function status(message, session, state) {
  if (message.deleted) return undefined;
  const known = statusOf(message, session, state);
  return { sent: 'Sent', read: 'Read', some: `Read by ${known.readers}` }[known.status];
}
