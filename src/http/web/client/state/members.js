// Members of a session: up to 20 that its description lists, and the whole list once a view needs it.

import { mapped, without } from '../lib/dict.js';
import { marked } from './receipts.js';
import { change as revised, step } from './session.js';
import { revise } from './span.js';

/** Members in a session's description. */
const NAMED = 20;

/**
 * A changed membership: a user joined, left, has another role, or the account was deleted.
 * @param {Session} session
 * @param {MemberChange} change
 * @param {State} state
 */
export function moved(session, change, { me, people }) {
  const { user, role, joined_at, state, rev } = change;
  const member = { user, role, joined_at };
  const here = state === 'joined';
  const after = { ...(user.deleted ? forgetName(session, user, oldName(user, session, people), rev) : session) };
  after.moved = Math.max(session.moved, rev);
  if (user.id === me?.id && here) after.role = role;
  after.receipts = placedMark(after, user.username, here);
  after.members = placed(session.members, member, here, session.members.length < NAMED);
  if (session.people) after.people = { ...session.people, list: placed(session.people.list, member, here, !session.people.next) };
  const whole = fullList(session);
  if (whole) after.member_count = placed(whole, member, here, true).length;
  // A member who is in no list may be new, or a known one with another role.
  else if (!here || !found(session.members, user)) after.vague = true;
  // The description lists another member in place of the one who left.
  if (after.members.length < Math.min(NAMED, after.member_count)) after.vague = true;
  return after;
}

/** @param {Member[]} list @param {User} user */
const found = (list, user) => list.find((one) => one.user.id === user.id);

/** The complete list of members, if there is one. @param {Session} session */
function fullList({ members, member_count, people }) {
  if (people && !people.next) return people.list;
  return members.length === member_count ? members : null;
}

/**
 * A new member has nothing to catch up with. While marks are missing, it may be an old member with another role.
 * @param {Session} session
 * @param {string} username
 * @param {boolean} here
 */
function placedMark({ receipts, marked: all, seq }, username, here) {
  if (here) return all && !(username in receipts) ? marked(receipts, username, seq, seq) : receipts;
  return without(receipts, username);
}

/** @param {Member[]} list @param {Member} member @param {boolean} here @param {boolean} room */
function placed(list, member, here, room) {
  if (found(list, member.user)) return list.flatMap((one) => (one.user.id !== member.user.id ? [one] : here ? [member] : []));
  return here && room ? [...list, member] : list;
}

/**
 * The former username of a renamed user, if it is still known.
 * @param {User} user
 * @param {Session} session
 * @param {Dict<Person>} people
 */
function oldName(user, { members: named, people: all }, people) {
  const known = [...named, ...(all?.list ?? []), ...Object.values(people)];
  return known.find((one) => one.user.id === user.id && one.user.username !== user.username)?.user.username;
}

/**
 * The account was deleted: its messages and reactions remain, under another name.
 * @param {Session} session
 * @param {User} user
 * @param {string|undefined} old
 * @param {number} rev
 */
function forgetName(session, user, old, rev) {
  const { username } = user;
  /** @param {Message} message */
  const rename = (message) => {
    const mine = message.sender === user.id && message.username !== username;
    const marks = old && Object.values(message.reactions ?? {}).some((names) => names.includes(old));
    if (!mine && !marks) return message;
    const renamed = mine ? { ...message, username } : { ...message };
    if (marks) {
      // @ts-expect-error: marks are among its reactions.
      renamed.reactions = mapped(message.reactions, (names) => names.map((name) => (name === old ? username : name)));
    }
    return renamed;
  };
  const receipts = old === undefined ? session.receipts : without(session.receipts, old);
  // Without the old name its reactions cannot be found.
  const span = session.span && old ? revise(session.span, rename) : null;
  return {
    ...session,
    title: session.kind === 'direct' ? username : session.title,
    span,
    last_message: session.last_message && rename(session.last_message),
    receipts,
    // A page in flight may still have the old name.
    changed: Math.max(session.changed, rev),
  };
}

/** @type {Handlers} */
export const members = {
  'frame:member': (state, { frame }) => revised(state, frame.session, (session) => (
    step(session, frame.rev, (held) => moved(held, frame, state))
  )),

  'answered:members': (state, { request, answer, note }) => revised(state, request.session, (session) => {
    if (request.cursor && session.people?.next !== request.cursor) return session;
    // @ts-expect-error: a cursor is that of the list that is here.
    const list = request.cursor ? [...session.people.list, ...answer.members] : answer.members;
    const loaded = { ...session, people: { list, next: answer.next ?? null } };
    if (!answer.next) loaded.member_count = list.length;
    // Members may have changed since the page was made: those steps are applied again.
    return session.moved > note.rev ? { ...loaded, rev: Math.min(session.rev, note.rev), stale: true } : loaded;
  }),
};
