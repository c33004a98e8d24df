// Everyone heard of, by name, with their presence where it is told.

import { mapped, merged } from '../lib/dict.js';

/** The key of a name: names are unique without regard to case. @param {string} username */
export const nameKey = (username) => username.toLowerCase();

/**
 * The state with these users known. Presence that comes with them is newer than what was held.
 * @param {State} state
 * @param {any[]} users
 */
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

/** @param {State} state @param {Fields} event */
const withSession = (state, { answer }) => (answer.session?.kind ? acquaint(state, usersOf([answer.session])) : state);

/** @type {Handlers} */
export const people = {
  'frame:ready': (state, { frame }) => {
    const invited = frame.invites.flatMap(({ from, to }) => [from, to]);
    const known = acquaint(state, [frame.user, ...usersOf(frame.sessions), ...invited]);
    const online = new Set(frame.online.map(nameKey));
    // Everyone whose presence is pushed and who is not named is away.
    const direct = frame.sessions.filter(({ kind }) => kind === 'direct').flatMap(({ members }) => members)
      // @ts-expect-error: a direct session names its members.
      .map(({ user }) => user.username).filter((name) => !online.has(nameKey(name)) && known.people[nameKey(name)]?.status);
    const now = [
      ...frame.online.map((username) => ({ username, status: 'online' })),
      ...direct.map((username) => ({ username, status: 'offline' })),
    ];
    // When they were last seen is not among it.
    return { ...present(known, now), presenceDue: true };
  },
  // Without a connection nobody knows who is still here.
  link: (state, { link }) => {
    const unknown = link.status !== 'up' && link.attempt > 0 && Object.values(state.people).some(({ status }) => status);
    if (!unknown) return state;
    return { ...state, people: mapped(state.people, ({ status, last_seen, ...person }) => person) };
  },
  'frame:presence': (state, { frame }) => present(state, [frame]),
  /** Those whose presence is pushed, with the time they were last seen. */
  'answered:presence': (state, { answer }) => ({ ...present(state, answer.presence), presenceDue: false }),

  'frame:session_added': (state, { frame }) => acquaint(state, usersOf([frame.session])),
  'answered:open': withSession,
  'answered:join': withSession,
  'answered:answer': withSession,
  'answered:session': withSession,
  'answered:sessions': (state, { answer }) => acquaint(state, usersOf(answer.sessions)),
  'answered:members': (state, { answer }) => acquaint(state, answer.members.map(({ user }) => user)),
  'frame:member': (state, { frame }) => acquaint(state, [frame.user]),
  'frame:invite': (state, { frame }) => acquaint(state, [frame.invite.from, frame.invite.to]),
  people: (state, { users }) => acquaint(state, users),
  /** Those whom I have blocked, all of them. */
  blocks: (state, { users }) => ({ ...acquaint(state, users), blocks: users }),
};
