// The list of sessions: coming with `ready` and in pages, added, renamed, removed, and found to have changed while away.
//
// `strays`: sessions that a live event named before any list did, with its `rev`; they are asked for by themselves.
// `whole`: every session of mine is here. `gone`: those that were removed on this connection; an answer that was made before does not bring them back.

import { adopt, begin, behind, change, draw, insert, judge, step } from './session.js';

/** Sessions that are held at most. */
const MOST = 1000;

function arrive(state, { frame }) {
  // A restored backup has another history under the same numbers.
  const known = state.server?.epoch === frame.server.epoch ? state.sessions : {};
  const sessions = {};
  for (const described of frame.sessions) {
    const held = known[described.id];
    sessions[described.id] = held ? adopt(held, described) : begin(described);
  }
  // Those that this page does not name come with a later one; what is loaded or on screen is asked for by itself.
  const { route } = state.view;
  for (const [id, session] of Object.entries(known)) {
    if (!sessions[id] && (session.span || route.id === id)) sessions[id] = { ...session, stale: true, reload: true };
  }
  const next = frame.sessions_next ?? null;
  return judge(draw({ ...state, sessions, strays: {}, gone: {}, sessionsNext: next, whole: next === null }));
}

/** A description that came beside the stream of events: some of those may be ahead of it. */
function add(state, described) {
  const { id, rev } = described;
  if (state.gone[id]) return state;
  const held = state.sessions[id];
  if (held && rev < held.rev) return state;
  const session = held ? behind(adopt(held, described), held.told) : behind(begin(described), state.strays[id] ?? 0);
  return draw(insert(found(state, id), session));
}

/** A session that is known now, or known not to be mine. */
function found(state, id) {
  const { [id]: stray, ...strays } = state.strays;
  const missing = state.view.missing === id ? null : state.view.missing;
  return { ...state, strays, view: missing === state.view.missing ? state.view : { ...state.view, missing } };
}

function drop(state, id) {
  const after = lose(state, id);
  return { ...after, gone: { ...after.gone, [id]: true } };
}

/** The state without a session; whoever is looking at it is told. */
function lose(state, id) {
  const { [id]: lost, ...sessions } = state.sessions;
  const after = found(state, id);
  return { ...after, sessions, view: state.view.route.id === id ? { ...after.view, missing: id } : after.view };
}

/** A session of which nothing that is held counts any more. */
function forget(session) {
  const { line, shown } = session;
  return { ...begin({ ...session, rev: 0 }), line, shown, reload: true };
}

/** One that I am in for certain: what was known of an earlier membership does not count. */
function join(state, described) {
  const { [described.id]: back, ...gone } = state.gone;
  return add({ ...state, gone }, described);
}

const stray = (state, { frame }) => {
  const { session, rev } = frame;
  if (state.sessions[session] || state.gone[session]) return state;
  return { ...state, strays: { ...state.strays, [session]: Math.max(rev, state.strays[session] ?? 0) } };
};

const withSession = (state, { answer }) => (answer.session?.kind ? join(state, answer.session) : state);

/** What an own command has changed is told to this connection only by the `rev` of its answer. */
const withRev = (state, { request, answer }) => (
  answer.rev === undefined ? state : change(state, request.session, (session) => behind(session, answer.rev))
);

export const sessions = {
  'frame:ready': arrive,

  'frame:message': stray,
  'frame:message_changed': stray,
  'frame:member': stray,

  'frame:session_added': (state, { frame }) => join(state, frame.session),
  'answered:open': withSession,
  'answered:join': withSession,
  'answered:answer': withSession,

  // To a `sync` it is an answer, perhaps of a time before I was put in again: it is looked at once more.
  'frame:session_removed': (state, { frame: { session, reason } }) => (
    reason === 'not_found' ? change(state, session, (held) => ({ ...held, reload: true })) : drop(state, session)
  ),
  'answered:leave': (state, { request }) => drop(state, request.session),

  'frame:session_changed': (state, { frame }) => change(stray(state, { frame }), frame.session, (session) => (
    step(session, frame.rev, (held) => ({ ...held, title: frame.title, code: frame.code ?? held.code }))
  )),

  'frame:reset': (state, { frame }) => change(state, frame.session, (session) => forget(session)),

  'answered:sessions': (state, { answer }) => {
    const all = answer.sessions.filter(({ id }) => !state.sessions[id]).reduce(add, state);
    const next = answer.next ?? null;
    const full = Object.keys(all.sessions).length >= MOST;
    return judge({ ...all, sessionsNext: full ? null : next, whole: next === null });
  },

  // One session by its id: on screen before the list has come to it, or to be loaded afresh.
  'answered:session': (state, { answer }) => add(state, answer.session),
  // It was mine when it was last heard of, or never; unless it has just been told to be mine again.
  'refused:session': (state, { request: { session: id } }) => (
    state.sessions[id] && !state.sessions[id].reload ? found(state, id) : lose(state, id)
  ),

  'answered:edit': withRev,
  'answered:delete': withRev,
  'answered:react': withRev,
  'answered:title': withRev,
  'answered:role': withRev,
  'answered:remove': withRev,
  stepped: (state, { session, rev }) => change(state, session, (held) => behind(held, rev)),
};
