// One session: the server's description of it and the client's own fields. Helpers for the handlers that change one.

import { dict, withEntry } from '../lib/dict.js';
import { SPAN } from './span.js';

/** The client's fields of a session. */
const OWN = {
  span: null,
  /** Messages to load: 'older', 'newer', 'newest', or those around a number. */
  wants: null,
  /** Marks of others, and whether they are complete. */
  receipts: dict(),
  marked: false,
  typing: dict(),
  people: null,
  line: null,
  /** The newest message that was visible. */
  shown: 0,
  /** The highest known `rev` of the server. */
  serverRev: 0,
  /** The newest step that changed older messages: a page requested earlier may not include it. */
  changed: 0,
  /** The newest step that changed members or roles. */
  moved: 0,
  stale: false,
  /** Its description must be loaded again. */
  reload: false,
  /** The member count is uncertain; that matters only when it is open. */
  vague: false,
};

/**
 * A session as the server describes it, with nothing loaded yet. Pages requested before are too old for it.
 * @param {SessionDescription} described
 */
export function begin(described) {
  const { rev } = described;
  return { ...described, ...OWN, members: described.members ?? [], serverRev: rev, changed: rev, moved: rev };
}

/**
 * Applies a newer description. What is loaded is kept unless it is too far behind.
 * @param {Session} held
 * @param {SessionDescription} described
 */
export function adopt(held, described) {
  const behind = described.rev - held.rev;
  const { line, wants, shown } = held;
  if (behind < 0 || behind > SPAN) return { ...begin(described), line, shown };
  if (!held.span && !held.marked) return { ...begin(described), line, wants, shown };
  // The steps in between arrive by `sync`, with the receipts, which are no steps.
  const { rev, seq, read, unread, last_message, ...face } = described;
  const members = described.members ?? [];
  return { ...held, ...face, members, reload: false, vague: false, stale: true, serverRev: rev };
}

/**
 * The state with one session changed; the same state if it is missing or unchanged.
 * @param {State} state
 * @param {string} id
 * @param {(session: Session) => Session} how
 */
export function change(state, id, how) {
  const session = state.sessions[id];
  if (!session) return state;
  const after = how(session);
  return after === session ? state : insert(state, after);
}

/** The state with a session inserted. @param {State} state @param {Session} session */
export function insert(state, session) {
  return { ...state, sessions: withEntry(state.sessions, session.id, session) };
}

/**
 * The gap rule: applies a durable step only if it is the next one. A later one means that steps are missing, and the session must
 * be synchronised.
 * @param {Session} session
 * @param {number} rev
 * @param {(held: Session) => Session} apply
 */
export function step(session, rev, apply) {
  if (rev <= session.rev) return session;
  if (rev > session.rev + 1) return behind(session, rev);
  return { ...apply(session), rev, serverRev: Math.max(session.serverRev, rev) };
}

/** The session, known to be at least at `rev` on the server. @param {Session} session @param {number} rev */
export function behind(session, rev) {
  return rev > session.rev ? { ...session, stale: true, serverRev: Math.max(session.serverRev, rev) } : session;
}

/**
 * A handler for replies that may describe a session.
 * @param {(state: State, session: SessionDescription) => State} apply
 * @returns {(state: State, event: Fields) => State}
 */
export function withSession(apply) {
  return (state, { answer }) => (answer.session?.kind ? apply(state, answer.session) : state);
}

/** The open session, if it is known. @param {State} state */
export function opened(state) {
  const { route } = state.view;
  return route.name === 'session' ? state.sessions[route.id] : undefined;
}

/** Puts the "new messages" line where reading ended in the open session. @param {State} state */
export function draw(state) {
  const session = opened(state);
  if (!session || session.line !== null || session.unread === 0) return state;
  return insert(state, { ...session, line: session.read });
}

/** Marks the session of the address as missing if it is not in the complete list. @param {State} state */
export function judge(state) {
  const { route } = state.view;
  const unknown = route.name === 'session' && state.whole && !state.sessions[route.id];
  const missing = unknown ? route.id : null;
  return missing === state.view.missing ? state : { ...state, view: { ...state.view, missing } };
}
