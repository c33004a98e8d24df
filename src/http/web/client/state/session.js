// One session: the server's description of it and what the client keeps beside it. Tools for the nouns that change one.

import { dict, withEntry } from '../lib/dict.js';
import { SPAN } from './span.js';

/** What the client keeps of a session beside what the server says. */
const OWN = {
  span: null,
  /** Messages that are to be loaded: 'older', 'newer', 'newest', or those around a number. */
  wants: null,
  /** How far others have read, as far as it was told; whether all of it is here. */
  receipts: dict(),
  marked: false,
  typing: dict(),
  people: null,
  line: null,
  /** The newest message that was on screen. */
  shown: 0,
  /** The highest `rev` heard of. */
  told: 0,
  /** The newest step that changed what was said before: a page asked for earlier may not have it. */
  changed: 0,
  /** The newest step at which somebody came, went or got another role. */
  moved: 0,
  stale: false,
  /** Its description must be loaded afresh. */
  reload: false,
  /** How many are in it is not certain; nobody need know before it is opened. */
  vague: false,
};

/**
 * A session as the server describes it, with nothing loaded yet. Pages asked for before are too old for it.
 * @param {SessionDescription} described
 */
export function begin(described) {
  const { rev } = described;
  return { ...described, ...OWN, members: described.members ?? [], told: rev, changed: rev, moved: rev };
}

/**
 * Takes a newer description of a session in. What is loaded of it stays, unless it lies too far back.
 * @param {Session} held
 * @param {SessionDescription} described
 */
export function adopt(held, described) {
  const behind = described.rev - held.rev;
  const { line, wants, shown } = held;
  if (behind < 0 || behind > SPAN) return { ...begin(described), line, shown };
  if (!held.span && !held.marked) return { ...begin(described), line, wants, shown };
  // The steps in between come by `sync`, and with them the receipts, which are no steps.
  const { rev, seq, read, unread, last_message, ...face } = described;
  const members = described.members ?? [];
  return { ...held, ...face, members, reload: false, vague: false, stale: true, told: rev };
}

/**
 * The state with one session changed; the same state where it is not there or the change gives the same.
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

/** The state with a session put in. @param {State} state @param {Session} session */
export function insert(state, session) {
  return { ...state, sessions: withEntry(state.sessions, session.id, session) };
}

/**
 * The gap rule: takes a durable step in only where it is the very next one. One that is further on says that something
 * is missing, and the session must be synchronised.
 * @param {Session} session
 * @param {number} rev
 * @param {(held: Session) => Session} apply
 */
export function step(session, rev, apply) {
  if (rev <= session.rev) return session;
  if (rev > session.rev + 1) return behind(session, rev);
  return { ...apply(session), rev, told: Math.max(session.told, rev) };
}

/** The session, known to have come as far as `rev` on the server. @param {Session} session @param {number} rev */
export function behind(session, rev) {
  return rev > session.rev ? { ...session, stale: true, told: Math.max(session.told, rev) } : session;
}

/** The session that is on screen, if it is known. @param {State} state */
export function opened(state) {
  const { route } = state.view;
  return route.name === 'session' ? state.sessions[route.id] : undefined;
}

/** Puts the "new messages" line where reading ended, in the session that is on screen. @param {State} state */
export function draw(state) {
  const session = opened(state);
  if (!session || session.line !== null || session.unread === 0) return state;
  return insert(state, { ...session, line: session.read });
}

/**
 * Says whether the session that the address names is known not to be mine: where the whole list is here, nobody need ask.
 * @param {State} state
 */
export function judge(state) {
  const { route } = state.view;
  const unknown = route.name === 'session' && state.whole && !state.sessions[route.id];
  const missing = unknown ? route.id : null;
  return missing === state.view.missing ? state : { ...state, view: { ...state.view, missing } };
}
