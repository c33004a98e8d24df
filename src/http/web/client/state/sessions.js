// The list of sessions: loaded by `ready` and in pages, and changed by events and after a reconnect.
//
// `strays`: sessions that a live event named before the list did, with its `rev`; they are requested individually. `whole`: all
// sessions of mine are loaded. `removed`: sessions removed on this connection; a reply made earlier does not bring them back.
// `unnamed`: sessions from before that no page of the list has named on this connection; they are kept until the last page, so
// that the list does not shrink and grow again.

import { dict, merged, withEntry, without } from '../lib/dict.js';
import { adopt, begin, behind, change, draw, insert, judge, step, withSession } from './session.js';

/** Sessions that are held at most. */
const MOST = 1000;

/** @param {State} state @param {Fields} event */
function arrive(state, { frame }) {
  // A restored backup has another history under the same numbers.
  const known = state.server?.epoch === frame.server.epoch ? state.sessions : dict();
  const sessions = dict();
  for (const described of frame.sessions) {
    const held = known[described.id];
    sessions[described.id] = held ? adopt(held, described) : begin(described);
  }
  placeLine(sessions, frame.sessions, state.view.route);
  const next = frame.sessions_next ?? null;
  const unnamed = dict();
  for (const [id, session] of Object.entries(known)) {
    if (sessions[id]) continue;
    // A later page may name it; a loaded or open one is requested individually.
    if (isUsed(session, state)) sessions[id] = { ...session, stale: true, reload: true };
    else if (next) {
      sessions[id] = session;
      unnamed[id] = true;
    }
  }
  return judge(draw({ ...state, sessions, unnamed, strays: dict(), removed: dict(), sessionsNext: next, whole: next === null }));
}

/**
 * In a session that is open during a reconnect, new messages are below the line.
 * @param {Dict<Session>} sessions
 * @param {SessionDescription[]} described
 * @param {Route} route
 */
function placeLine(sessions, described, route) {
  /** @type {any} */
  const now = described.find(({ id }) => id === route.id);
  const session = sessions[route.id];
  if (now?.unread > 0 && (session.line === null || session.unread === 0)) sessions[route.id] = { ...session, line: Math.max(session.read, now.read) };
}

/** @param {Session} session @param {State} state */
const isUsed = (session, { view: { route } }) => Boolean(session.span) || route.id === session.id;

/** A page of the list. @param {State} state @param {HandledEvent} event */
function list(state, { answer }) {
  const news = answer.sessions.filter(({ id }) => !state.sessions[id] || state.unnamed[id]);
  const unnamed = merged(state.unnamed);
  for (const { id } of answer.sessions) delete unnamed[id];
  const named = news.reduce(add, { ...state, unnamed });
  const full = Object.keys(named.sessions).length - Object.keys(unnamed).length >= MOST;
  const next = answer.next ?? null;
  const sessionsNext = full ? null : next;
  const after = { ...named, sessionsNext, whole: next === null };
  return judge(sessionsNext === null ? settle(after) : after);
}

/** The last page is loaded: sessions that none has named are no longer mine, or too far down the list. @param {State} state */
function settle(state) {
  const after = Object.keys(state.unnamed).filter((id) => state.sessions[id]).reduce((held, id) => (
    isUsed(held.sessions[id], held) ? change(held, id, (session) => ({ ...session, reload: true })) : lose(held, id)
  ), state);
  return { ...after, unnamed: dict() };
}

/**
 * A description from outside the stream of events, some of which may be ahead of it.
 * @param {State} state
 * @param {SessionDescription} described
 */
function add(state, described) {
  const { id, rev } = described;
  if (state.removed[id]) return state;
  const held = state.sessions[id];
  if (held && rev < held.rev) return state;
  const session = held ? behind(adopt(held, described), held.serverRev) : behind(begin(described), state.strays[id] ?? 0);
  return draw(insert(found(state, id), session));
}

/** A session that is now known, or known not to be mine. @param {State} state @param {string} id */
function found(state, id) {
  const strays = id in state.strays ? without(state.strays, id) : state.strays;
  const missing = state.view.missing === id ? null : state.view.missing;
  return { ...state, strays, view: missing === state.view.missing ? state.view : { ...state.view, missing } };
}

/** @param {State} state @param {string} id */
function drop(state, id) {
  const after = lose(state, id);
  return { ...after, removed: withEntry(after.removed, id, true) };
}

/** The state without a session; if it is open, the view is marked as missing. @param {State} state @param {string} id */
function lose(state, id) {
  const after = found(state, id);
  return { ...after, sessions: without(state.sessions, id), view: state.view.route.id === id ? { ...after.view, missing: id } : after.view };
}

/** A session whose held data is invalid. @param {Session} session */
function forget(session) {
  const { line, shown } = session;
  return { ...begin({ ...session, rev: 0 }), line, shown, reload: true };
}

/**
 * A session that I have certainly joined: an earlier removal does not count.
 * @param {State} state
 * @param {SessionDescription} described
 */
function join(state, described) {
  return add({ ...state, removed: without(state.removed, described.id) }, described);
}

/** @param {State} state @param {Fields} event */
const stray = (state, { frame }) => {
  const { session, rev } = frame;
  if (state.sessions[session] || state.removed[session]) return state;
  return { ...state, strays: withEntry(state.strays, session, Math.max(rev, state.strays[session] ?? 0)) };
};

const joined = withSession(join);

/**
 * The change of an own command reaches this connection only as the `rev` of its reply.
 * @param {State} state
 * @param {Fields} event
 */
const withRev = (state, { request, answer }) => (
  answer.rev === undefined ? state : change(state, request.session, (session) => behind(session, answer.rev))
);

/** @type {Handlers} */
export const sessions = {
  'frame:ready': arrive,

  'frame:message': stray,
  'frame:message_changed': stray,
  'frame:member': stray,

  'frame:session_added': (state, { frame }) => join(state, frame.session),
  'answered:open': joined,
  'answered:join': joined,
  'answered:answer': joined,

  // As reply to a `sync` it may be from before I was added again: check once more.
  'frame:session_removed': (state, { frame: { session, reason } }) => (
    reason === 'not_found' ? change(state, session, (held) => ({ ...held, reload: true })) : drop(state, session)
  ),
  'answered:leave': (state, { request }) => drop(state, request.session),

  'frame:session_changed': (state, { frame }) => change(stray(state, { frame }), frame.session, (session) => (
    step(session, frame.rev, (held) => ({ ...held, title: frame.title, code: frame.code ?? held.code }))
  )),

  'frame:reset': (state, { frame }) => change(state, frame.session, (session) => forget(session)),

  'answered:sessions': list,

  // One session by its id: open before the list has named it, or to be loaded again.
  'answered:session': (state, { answer }) => add(state, answer.session),
  // It was mine before, or never; unless it has just been added again.
  'refused:session': (state, { request: { session: id } }) => (
    state.sessions[id] && !state.sessions[id].reload ? found(state, id) : lose(state, id)
  ),

  'answered:edit': withRev,
  'answered:delete': withRev,
  'answered:react': withRev,
  'answered:title': withRev,
  'answered:role': withRev,
  'answered:remove': withRev,
};
