// What views ask of the state: computed from it, remembered as long as what it was computed from is the same.

import { byName, withUsername } from '../lib/names.js';
import { nameKey } from './people.js';

/** Remembers the last result, as long as the arguments are the same (by identity). @param {(...args: any[]) => any} compute */
function remember(compute) {
  /** @type {any} */
  let last = null;
  /** @type {any} */
  let result;
  /** @param {any[]} args */
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last[i])) {
      result = compute(...args);
      last = args;
    }
    return result;
  };
}

/** The username under which everything of deleted accounts stands. */
const DELETED = 'deleted-user';

/** @param {Session} session */
const lastActivity = ({ last_message, created_at }) => last_message?.at ?? created_at;

/** @type {(sessions: Dict<Session>) => Session[]} */
const sorted = remember((sessions) => Object.values(sessions).sort((a, b) => {
  const [left, right] = [lastActivity(a), lastActivity(b)];
  return left < right ? 1 : left > right ? -1 : a.id < b.id ? 1 : -1;
}));

/** All sessions, latest activity first. @param {State} state */
export const listed = (state) => sorted(state.sessions);

/**
 * Somebody by name: `{user, status?, last_seen?}`. A name never heard of is its own description.
 * @param {string} username
 * @param {State} state
 */
export function personOf(username, state) {
  return state.people[nameKey(username)] ?? { user: { username, display_name: username } };
}

/** Display names as they are compared, by user. */
const folded = new WeakMap();

/** @param {User} user */
function foldedName(user) {
  if (!folded.has(user)) folded.set(user, String(user.display_name).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim());
  return folded.get(user);
}

/** Every name, display names and usernames alike, with the one person who has it; null where several do. */
const owners = remember((people) => {
  const found = new Map();
  for (const [key, { user }] of Object.entries(people)) {
    if (user.deleted) continue;
    for (const name of new Set([key, foldedName(user)])) found.set(name, found.has(name) ? null : key);
  }
  return found;
});

/**
 * A user's display name, with the username where somebody else who is known here goes by the same name.
 * @param {User} user
 * @param {State} state
 */
export function labelOf(user, state) {
  return owners(state.people).get(foldedName(user)) === null ? withUsername(user.display_name, user.username) : user.display_name;
}

/** What somebody is called. @param {string} username @param {State} state */
export function nameOf(username, state) {
  return username === DELETED ? 'Deleted user' : labelOf(personOf(username, state).user, state);
}

/**
 * The other of a direct session, as `personOf` says it; `null` for other sessions.
 * @param {Session} session
 * @param {State} state
 * @returns {Person|null}
 */
export function otherOf(session, state) {
  if (session.kind !== 'direct') return null;
  const user = session.members.find((one) => one.user.id !== state.me.id)?.user;
  if (!user) return personOf(session.title, state);
  return user.deleted ? { user } : (state.people[nameKey(user.username)] ?? { user });
}

/** What a session is called. @param {Session} session @param {State} state */
export function titleOf(session, state) {
  const other = otherOf(session, state);
  if (!other) return session.title;
  return other.user.deleted ? nameOf(DELETED, state) : labelOf(other.user, state);
}

/**
 * Who has added me to a group that is new to me: its creator, as long as nothing has happened in it; afterwards nobody
 * can tell.
 * @param {Session} session
 */
export function adderOf({ kind, rev, role, members }) {
  return kind === 'group' && rev === 0 && role !== 'owner' ? members?.find((member) => member.role === 'owner')?.user : undefined;
}

/** The direct session with somebody, if there is one. @param {string} username @param {State} state */
export function directWith(username, state) {
  const key = nameKey(username);
  return Object.values(state.sessions).find((session) => (
    session.kind === 'direct' && session.members.some(({ user }) => user.id !== state.me.id && nameKey(user.username) === key)
  ));
}

/** @type {(sessions: Dict<Session>, people: Dict<Person>, me: Me) => (Person & {session: string})[]} */
const acquainted = remember((sessions, people, me) => {
  /** @type {any} */
  const state = { sessions, people, me };
  /** @param {Fields} options */
  const rank = ({ status }) => (status === 'online' ? 0 : 1);
  return Object.values(sessions).map((session) => ({ ...otherOf(session, state), session: session.id }))
    .filter(({ user }) => user && !user.deleted)
    // @ts-expect-error: those without a user are left out.
    .sort((a, b) => rank(a) - rank(b) || byName(a.user, b.user));
});

/**
 * Everybody with whom there is a direct session: `{user, status?, last_seen?, session}`, online first, then by name.
 * @param {State} state
 */
export const contacts = (state) => acquainted(state.sessions, state.people, state.me);

const summed = remember((sessions) => Object.values(sessions).reduce((sum, { unread }) => sum + unread, 0));

/** All that is unread. @param {State} state */
export const unreadTotal = (state) => summed(state.sessions);

/** Names of those who are writing in a session now. @param {Session} session @param {State} state */
export function typists(session, state) {
  return Object.entries(session.typing).filter(([, until]) => until > state.now)
    .map(([username]) => nameOf(username, state));
}

/**
 * Everybody whom a message in this session may mention: members that are known here, without oneself.
 * @param {Session} session
 * @param {State} state
 */
export function mentionable(session, state) {
  const list = session.people && session.people.list.length > session.members.length ? session.people.list : session.members;
  return list.map(({ user }) => user).filter((user) => user.id !== state.me.id && !user.deleted);
}

/** The session with this room code among mine. @param {string} code @param {State} state */
export function sessionOfCode(code, state) {
  /** @param {string} text */
  const plain = (text) => text.replace(/[\s-]/g, '').toUpperCase();
  return Object.values(state.sessions).find((session) => session.code && plain(session.code) === plain(code));
}

/** Which of the three panes a narrow screen shows. @param {State} state */
export function pane({ view: { route } }) {
  if (route.name === 'home') return 'list';
  return route.about ? 'details' : 'conversation';
}

/**
 * What became of an own message: 'read' (in a direct session by the other, in a group by all), 'some' (by a part of
 * them), 'sent'; with how many have read it, and of how many.
 * @param {Message} message
 * @param {Session} session
 * @param {State} state
 */
export function statusOf(message, session, state) {
  const others = Object.entries(session.receipts).filter(([username]) => username !== state.me.username);
  const readers = others.filter(([, { read }]) => read >= message.seq).length;
  const of = session.member_count - 1;
  if (!readers || of < 1) return { status: 'sent', readers: 0, of };
  return { status: readers >= of ? 'read' : 'some', readers, of };
}
