// All known users, by name, with their presence where it is visible.

import { mapped, merged } from '../lib/dict.js';
import { withSession } from './session.js';

/** The key of a username: they are unique without regard to case. @param {string} username */
export const nameKey = (username) => username.toLowerCase();

/** The state with these users known. Presence in them is newer than what is held. @param {State} state @param {any[]} users */
function acquaint(state, users) {
  let people = null;
  for (const { status, last_seen, ...user } of users) {
    const key = nameKey(user.username);
    const held = (people ?? state.people)[key];
    const person = { ...held, user };
    if (status) Object.assign(person, { status, last_seen });
    if (held && same(held, person)) continue;
    people ??= merged(state.people);
    people[key] = person;
  }
  return people ? { ...state, people } : state;
}

/** @param {Person} a @param {Person} b */
function same(a, b) {
  return a.status === b.status && a.last_seen === b.last_seen && a.user.id === b.user.id
    && a.user.display_name === b.user.display_name && a.user.deleted === b.user.deleted;
}

/** @param {SessionDescription[]} sessions */
const usersOf = (sessions) => sessions.flatMap((session) => (session.members ?? []).map(({ user }) => user));

/** @param {State} state @param {any[]} list */
function present(state, list) {
  const people = merged(state.people);
  for (const { username, status, last_seen } of list) {
    const key = nameKey(username);
    const held = people[key] ?? { user: { username, display_name: username } };
    people[key] = { ...held, status, last_seen: last_seen ?? (status === 'online' ? undefined : held.last_seen) };
  }
  return { ...state, people };
}

const members = withSession((state, session) => acquaint(state, usersOf([session])));

/** @type {Handlers} */
export const people = {
  'frame:ready': (state, { frame }) => {
    const invited = frame.invites.flatMap(({ from, to }) => [from, to]);
    const known = acquaint(state, [frame.user, ...usersOf(frame.sessions), ...invited]);
    const online = new Set(frame.online.map(nameKey));
    // Users with pushed presence who are not listed are offline.
    const direct = frame.sessions.filter(({ kind }) => kind === 'direct').flatMap(({ members }) => members)
      // @ts-expect-error: a direct session names its members.
      .map(({ user }) => user.username).filter((name) => !online.has(nameKey(name)) && known.people[nameKey(name)]?.status);
    const now = [
      ...frame.online.map((username) => ({ username, status: 'online' })),
      ...direct.map((username) => ({ username, status: 'offline' })),
    ];
    // The time they were last seen is missing in it.
    return { ...present(known, now), presenceDue: true };
  },
  // Without a connection presence is unknown.
  link: (state, { link }) => {
    const unknown = link.status !== 'up' && link.attempt > 0 && Object.values(state.people).some(({ status }) => status);
    if (!unknown) return state;
    return { ...state, people: mapped(state.people, ({ status, last_seen, ...person }) => person) };
  },
  'frame:presence': (state, { frame }) => present(state, [frame]),
  /** All pushed presence, with the times of last seen. */
  'answered:presence': (state, { answer }) => ({ ...present(state, answer.presence), presenceDue: false }),

  'frame:session_added': (state, { frame }) => acquaint(state, usersOf([frame.session])),
  'answered:open': members,
  'answered:join': members,
  'answered:answer': members,
  'answered:session': members,
  'answered:sessions': (state, { answer }) => acquaint(state, usersOf(answer.sessions)),
  'answered:members': (state, { answer }) => acquaint(state, answer.members.map(({ user }) => user)),
  'frame:member': (state, { frame }) => acquaint(state, [frame.user]),
  'frame:invite': (state, { frame }) => acquaint(state, [frame.invite.from, frame.invite.to]),
  people: (state, { users }) => acquaint(state, users),
  /** All users that I have blocked. */
  blocks: (state, { users }) => ({ ...acquaint(state, users), blocks: users }),
};
