// Who is in a session: the up to 20 people that its description names, and the whole list where somebody wanted to see it.

import { change, step } from './session.js';
import { revise } from './span.js';

/** People that a session's description names. */
const NAMED = 20;

/** A membership that changed: somebody came, went, has another role, or the account is gone. */
export function moved(session, { user, role, joined_at, state, rev }, me) {
  const member = { user, role, joined_at };
  const here = state === 'joined';
  const before = [...session.members, ...(session.people?.list ?? [])].find((one) => one.user.id === user.id);
  const after = { ...(user.deleted ? forgetName(session, user, before?.user.username, rev) : session) };
  after.moved = Math.max(session.moved, rev);
  if (user.id === me?.id && here) after.role = role;
  const all = session.members.length === session.member_count || (session.people && !session.people.next);
  after.members = placed(session.members, member, here, session.members.length < NAMED);
  if (session.people) after.people = { ...session.people, list: placed(session.people.list, member, here, !session.people.next) };
  if (here && !before) after.member_count += 1;
  if (!here && before) after.member_count -= 1;
  // Of somebody whom no list names it cannot be told whether they came, or were there and have another role now; and
  // where one of the named went, another one takes that place.
  if (before ? !here && after.member_count > after.members.length && after.members.length < NAMED : !all) after.reload = true;
  return after;
}

function placed(list, member, here, room) {
  const at = list.findIndex((one) => one.user.id === member.user.id);
  if (at >= 0) return here ? list.with(at, member) : list.toSpliced(at, 1);
  return here && room ? [...list, member] : list;
}

/** The account is gone: what they said and marked stays, under another name. */
function forgetName(session, user, old, rev) {
  const { username } = user;
  const rename = (message) => {
    const mine = message.sender === user.id && message.username !== username;
    const marks = old && Object.values(message.reactions ?? {}).some((names) => names.includes(old));
    if (!mine && !marks) return message;
    const renamed = mine ? { ...message, username } : { ...message };
    if (marks) {
      renamed.reactions = Object.fromEntries(Object.entries(message.reactions)
        .map(([emoji, names]) => [emoji, names.map((name) => (name === old ? username : name))]));
    }
    return renamed;
  };
  const { [old]: gone, ...receipts } = session.receipts ?? {};
  return {
    ...session,
    title: session.kind === 'direct' ? username : session.title,
    span: session.span && revise(session.span, rename),
    last_message: session.last_message && rename(session.last_message),
    receipts: session.receipts && receipts,
    // A page that is under way may still have the old name.
    missed: Math.max(session.missed, rev),
  };
}

export const members = {
  'frame:member': (state, { frame }) => change(state, frame.session, (session) => (
    step(session, frame.rev, (held) => moved(held, frame, state.me))
  )),

  'answered:members': (state, { request, answer, note }) => change(state, request.session, (session) => {
    const list = request.cursor ? [...(session.people?.list ?? []), ...answer.members] : answer.members;
    const people = { list, next: answer.next ?? null };
    // Somebody may have come or gone since the page was made: those steps are taken once more.
    return session.moved > note.rev ? { ...session, people, rev: Math.min(session.rev, note.rev), stale: true } : { ...session, people };
  }),
};
