// The list of sessions: coming with `ready` and in pages, added, renamed, removed, and found to have changed while away.

import { adopt, begin, behind, change, draw, insert, step } from './session.js';

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
  return draw({ ...state, sessions, sessionsNext: frame.sessions_next ?? null });
}

/** A description that came beside the stream of events: some of those may be ahead of it. */
function add(state, described) {
  const held = state.sessions[described.id];
  const { missing } = state.view;
  const found = missing === described.id ? { ...state, view: { ...state.view, missing: null } } : state;
  if (!held) return draw(insert(found, begin(described)));
  if (described.rev < held.rev) return found;
  return draw(insert(found, behind(adopt(held, described), held.told)));
}

function drop(state, id) {
  if (!state.sessions[id]) return state;
  const { [id]: gone, ...sessions } = state.sessions;
  return { ...state, sessions };
}

const withSession = (state, { answer }) => (answer.session?.kind ? add(state, answer.session) : state);

/** What an own command has changed is told to this connection only by the `rev` of its answer. */
const withRev = (state, { request, answer }) => (
  answer.rev === undefined ? state : change(state, request.session, (session) => behind(session, answer.rev))
);

export const sessions = {
  'frame:ready': arrive,

  'frame:session_added': (state, { frame }) => add(state, frame.session),
  'answered:open': withSession,
  'answered:join': withSession,
  'answered:answer': withSession,

  'frame:session_removed': (state, { frame }) => drop(state, frame.session),
  'answered:leave': (state, { request }) => drop(state, request.session),

  'frame:session_changed': (state, { frame }) => change(state, frame.session, (session) => (
    step(session, frame.rev, (held) => ({ ...held, title: frame.title, code: frame.code ?? held.code }))
  )),

  'frame:reset': (state, { frame }) => change(state, frame.session, ({ line, shown, ...session }) => (
    { ...begin({ ...session, rev: 0 }), span: null, wants: null, receipts: null, people: null, stale: false, missed: 0, moved: 0, line, shown, reload: true }
  )),

  'answered:sessions': (state, { answer }) => {
    const fresh = answer.sessions.filter(({ id }) => !state.sessions[id]).map((one) => [one.id, begin(one)]);
    const all = { ...state.sessions, ...Object.fromEntries(fresh) };
    return { ...state, sessions: all, sessionsNext: Object.keys(all).length < MOST ? (answer.next ?? null) : null };
  },

  // One session by its id: on screen before the list has come to it, or to be loaded afresh.
  'answered:session': (state, { answer }) => add(state, answer.session),
  'refused:session': (state, { request }) => {
    const after = drop(state, request.session);
    return { ...after, view: { ...after.view, missing: request.session } };
  },

  'answered:edit': withRev,
  'answered:delete': withRev,
  'answered:react': withRev,
  'answered:title': withRev,
  'answered:role': withRev,
  'answered:remove': withRev,
  stepped: (state, { session, rev }) => change(state, session, (held) => behind(held, rev)),
};
