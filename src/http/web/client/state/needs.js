// What the state needs, as requests: those not in flight are sent. Since needs follow from the state alone, a lost connection
// requires no care: what was not replied to is still needed afterwards.
//
// A need: `id` (the same need has the same one), `request` (a frame for the socket), `rest` if it uses REST instead ([method,
// path]), and `note`: what the handler of the reply must know about the time of the request.

import { dict } from '../lib/dict.js';
import { report } from '../lib/report.js';
import { opened } from './session.js';

/** Messages per page: the first fills a screen, the others are requested well before they are visible. */
const FIRST = 50;
const PAGE = 100;
/** Unread messages above which a session opens where reading ended instead of at its end. */
const FAR = 40;
/** Member counts up to which receipts are sent, and up to which all members are loaded. */
const RECEIPTS_UP_TO = 50;
const PEOPLE_UP_TO = 500;

const encode = encodeURIComponent;

/** @param {State} state @returns {Need[]} */
export function needs(state) {
  if (state.phase !== 'member' || state.link.status !== 'up') return [];
  /** @type {Need[]} */
  const list = [];
  const session = opened(state);
  // An error in one need does not block the others.
  /** @param {() => void} collect */
  const add = (collect) => {
    try {
      collect();
    } catch (error) {
      report(error);
    }
  };
  if (session) add(() => current(session, state, list));
  for (const other of Object.values(state.sessions)) add(() => catchUp(other, state, list));
  add(() => sends(state, list));
  add(() => lists(state, list));
  return list;
}

/** @param {Session} session @param {State} state @param {Need[]} list */
function current(session, { view, server }, list) {
  if (session.reload) return;
  if (session.vague) describe(session.id, list);
  const looks = view.visible && view.focused;
  if (looks && Math.min(session.shown, session.seq) > session.read) {
    const seq = Math.min(session.shown, session.seq);
    list.push({ id: `read:${session.id}:${seq}`, request: { type: 'read', session: session.id, seq } });
  }
  history(session, view.route, list);
  const hasReceipts = session.kind !== 'lobby' && session.member_count <= RECEIPTS_UP_TO;
  if (hasReceipts && !session.marked && !session.stale) sync(session, list, server);
  const { people } = session;
  const more = !people || (people.next && people.list.length < PEOPLE_UP_TO);
  // Every member may write, type or be mentioned, so all names are needed.
  const unnamed = session.members.length < session.member_count;
  if ((view.route.about || unnamed) && session.kind !== 'lobby' && more) {
    /** @type {Fields} */
    const request = { type: 'members', session: session.id };
    if (people) request.cursor = people.next;
    list.push({ id: `members:${session.id}:${request.cursor ?? ''}`, request, note: { rev: session.rev } });
  }
}

/** @param {Session} session @param {Route} route @param {Need[]} list */
function history(session, route, list) {
  const { id, span, rev } = session;
  const way = wanted(session, route);
  if (!way) return;
  /** @type {Fields} */
  const request = { type: 'history', session: id, limit: PAGE };
  // @ts-expect-error: there is a span where more of it is wanted.
  if (way === 'older') request.before = span.messages[0].seq;
  // @ts-expect-error: there is a span where more of it is wanted.
  else if (way === 'newer') request.after = span.messages.at(-1)?.seq ?? 0;
  else if (way === 'newest') request.limit = FIRST;
  else request.after = Math.max(way - PAGE / 2, 0);
  const around = typeof way === 'number';
  const place = around ? `around:${way}` : `${way}:${request.before ?? request.after ?? ''}`;
  list.push({ id: `history:${id}:${place}`, request, note: { way: around ? 'around' : way, wants: session.wants, rev } });
}

/**
 * The part of the history to load: 'older', 'newer', 'newest', the number of a message, or nothing.
 * @param {Session} session
 * @param {Route} route
 */
function wanted({ span, wants, line, seq }, route) {
  if (!span) {
    if (wants === 'newest') return wants;
    const target = route.seq ?? (line !== null && seq - line > FAR ? line + 1 : null);
    return target ? Math.min(target, seq) || 'newest' : 'newest';
  }
  // A reader at the end needs the end.
  return wants ?? (span.follows && !span.live ? 'newer' : null);
}

/** @param {Session} session @param {State} state @param {Need[]} list */
function catchUp(session, { server }, list) {
  if (session.reload) describe(session.id, list);
  else if (session.stale) sync(session, list, server);
}

/** A session's description, which has no command on the socket. @param {string} id @param {Need[]} list */
function describe(id, list) {
  list.push({ id: `session:${id}`, request: { type: 'session', session: id }, rest: ['GET', `/sessions/${id}`] });
}

/** @param {Session} session @param {Need[]} list @param {State['server']} server */
function sync({ id, rev }, list, server) {
  /** @type {Fields} */
  const request = { type: 'sync', sessions: dict([[id, rev]]) };
  if (server) request.epoch = server.epoch;
  list.push({ id: `sync:${id}:${rev}`, request });
}

/**
 * One at a time per session, so that messages are stored in the order in which they were written.
 * @param {State} state
 * @param {Need[]} list
 */
function sends({ outbox, sessions }, list) {
  for (const [id, pending] of Object.entries(outbox)) {
    const first = pending.find(({ status }) => status !== 'failed');
    if (!first || !sessions[id]) continue;
    const { key, text, reply_to } = first;
    list.push({ id: `send:${key}`, request: { type: 'send', session: id, key, text, ...(reply_to && { reply_to }) } });
  }
}

/** @param {State} state @param {Need[]} list */
function lists({ sessionsNext, sessions, strays, outbox, view: { route, missing }, invites, presenceDue, search, room }, list) {
  if (sessionsNext) list.push({ id: `sessions:${sessionsNext}`, request: { type: 'sessions', cursor: sessionsNext } });
  // Sessions that an event, the outbox or the address names before the list does.
  const unknown = new Set([...Object.keys(strays), ...Object.keys(outbox)].filter((id) => !sessions[id]));
  if (route.name === 'session' && !sessions[route.id] && missing !== route.id) unknown.add(route.id);
  for (const id of unknown) describe(id, list);
  /** @param {string} direction @param {string} [cursor] */
  const invitePage = (direction, cursor) => ({ type: 'invites', direction, ...(cursor && { cursor }) });
  if (invites.next) list.push({ id: `invites:in:${invites.next}`, request: invitePage('in', invites.next) });
  if (invites.outDue) list.push({ id: 'invites:out', request: invitePage('out') });
  if (presenceDue) list.push({ id: 'presence', request: { type: 'presence' }, rest: ['GET', '/presence'] });
  if (search?.status === 'busy') {
    const { query, session, next } = search;
    const request = { type: 'search', query, ...(session && { session }), ...(next && { cursor: next }) };
    list.push({ id: `search:${session ?? ''}:${next ?? ''}:${query}`, request });
  }
  if (room?.status === 'loading') {
    const { code } = room;
    list.push({ id: `look:${code}`, request: { type: 'look', code }, rest: ['GET', `/rooms/${encode(code)}`] });
  }
}
