// Selectors: computed from the state and memoised.

import { memo } from '../lib/memo.js';
import { byName, withUsername } from '../lib/names.js';
import { nameKey } from './people.js';

/** The username of all deleted accounts. */
const DELETED = 'deleted-user';

/** @param {Session} session */
const lastActivity = ({ last_message, created_at }) => last_message?.at ?? created_at;

/** @type {(sessions: Dict<Session>) => Session[]} */
const sorted = memo((sessions) => Object.values(sessions).sort((a, b) => {
  const [left, right] = [lastActivity(a), lastActivity(b)];
  return left < right ? 1 : left > right ? -1 : a.id < b.id ? 1 : -1;
}));

/** All sessions, latest activity first. @param {State} state */
export const listed = (state) => sorted(state.sessions);

/**
 * A user by name: `{user, status?, last_seen?}`. For an unknown name it is made of the name.
 * @param {string} username
 * @param {State} state
 */
export function personOf(username, state) {
  return state.people[nameKey(username)] ?? { user: { username, display_name: username } };
}

/** Normalised display names, by user. */
const folded = new WeakMap();

/** @param {User} user */
function foldedName(user) {
  if (!folded.has(user)) folded.set(user, String(user.display_name).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim());
  return folded.get(user);
}

/** Every display name and username with the key of its user; null if several have it. */
const owners = memo((people) => {
  const found = new Map();
  for (const [key, { user }] of Object.entries(people)) {
    if (user.deleted) continue;
    for (const name of new Set([key, foldedName(user)])) found.set(name, found.has(name) ? null : key);
  }
  return found;
});

/** A user's display name, with the username if another known user has the same name. @param {User} user @param {State} state */
export function labelOf(user, state) {
  return owners(state.people).get(foldedName(user)) === null ? withUsername(user.display_name, user.username) : user.display_name;
}

/** The name shown for a username. @param {string} username @param {State} state */
export function nameOf(username, state) {
  return username === DELETED ? 'Deleted user' : labelOf(personOf(username, state).user, state);
}

/**
 * The other user of a direct session, as `personOf` returns it; `null` for other sessions.
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

/** The title shown for a session. @param {Session} session @param {State} state */
export function titleOf(session, state) {
  const other = otherOf(session, state);
  if (!other) return session.title;
  return other.user.deleted ? nameOf(DELETED, state) : labelOf(other.user, state);
}

/**
 * The user who added me to a new group: its creator, while nothing has happened in it; later it is unknown.
 * @param {Session} session
 */
export function adderOf({ kind, rev, role, members }) {
  return kind === 'group' && rev === 0 && role !== 'owner' ? members?.find((member) => member.role === 'owner')?.user : undefined;
}

/** The direct session with a user, if there is one. @param {string} username @param {State} state */
export function directWith(username, state) {
  const key = nameKey(username);
  return Object.values(state.sessions).find((session) => (
    session.kind === 'direct' && session.members.some(({ user }) => user.id !== state.me.id && nameKey(user.username) === key)
  ));
}

/** @type {(sessions: Dict<Session>, people: Dict<Person>, me: Me) => (Person & {session: string})[]} */
const acquainted = memo((sessions, people, me) => {
  /** @type {any} */
  const state = { sessions, people, me };
  /** @param {Fields} options */
  const rank = ({ status }) => (status === 'online' ? 0 : 1);
  return Object.values(sessions).map((session) => ({ ...otherOf(session, state), session: session.id }))
    .filter(({ user }) => user && !user.deleted)
    // @ts-expect-error: those without a user are left out.
    .sort((a, b) => rank(a) - rank(b) || byName(a.user, b.user));
});

/** All users of direct sessions: `{user, status?, last_seen?, session}`, online first, then by name. @param {State} state */
export const contacts = (state) => acquainted(state.sessions, state.people, state.me);

const summed = memo((sessions) => Object.values(sessions).reduce((sum, { unread }) => sum + unread, 0));

/** The unread count of all sessions. @param {State} state */
export const unreadTotal = (state) => summed(state.sessions);

/** Names of the users who are typing in a session. @param {Session} session @param {State} state */
export function typists(session, state) {
  return Object.entries(session.typing).filter(([, until]) => until > state.now)
    .map(([username]) => nameOf(username, state));
}

/** The members that a message in this session may mention, without oneself. @param {Session} session @param {State} state */
export function mentionable(session, state) {
  const list = session.people && session.people.list.length > session.members.length ? session.people.list : session.members;
  return list.map(({ user }) => user).filter((user) => user.id !== state.me.id && !user.deleted);
}

/** The session of mine with this room code. @param {string} code @param {State} state */
export function sessionOfCode(code, state) {
  /** @param {string} text */
  const plain = (text) => text.replace(/[\s-]/g, '').toUpperCase();
  return Object.values(state.sessions).find((session) => session.code && plain(session.code) === plain(code));
}

/** The one of three panes that a narrow screen shows. @param {State} state */
export function pane({ view: { route } }) {
  if (route.name === 'home') return 'list';
  return route.about ? 'details' : 'conversation';
}

/**
 * The status of an own message: 'read' (in a direct session by the other, in a group by all), 'some' (by some of them), 'sent';
 * with the number of readers, and of other members.
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
