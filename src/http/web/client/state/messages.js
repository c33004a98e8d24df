// Messages: live ones, changes of older ones, own ones that were stored, pages of history, and catching up.

import { dict } from '../lib/dict.js';
import { moved } from './members.js';
import { counts, marked, recount, UNREAD_UP_TO } from './receipts.js';
import { behind, change, opened, step } from './session.js';
import { append, find, prepend, put, start } from './span.js';

/** Characters of a text in the list of sessions. */
const PREVIEW = 200;

/** A message as the list of sessions shows it. @param {Message} message */
export function preview(message) {
  if (message.text.length <= PREVIEW) return message;
  const characters = [...message.text];
  return characters.length <= PREVIEW ? message : { ...message, text: characters.slice(0, PREVIEW).join('') };
}

/** A new message, the next step of its session. @param {Session} session @param {Message} message @param {State} state */
function post(session, message, state) {
  const { me, view } = state;
  const span = session.span && put(session.span, message);
  const after = { ...session, span, seq: message.seq, last_message: preview(message) };
  // The sender has read what is above.
  if (message.kind === 'text' && session.kind !== 'lobby') {
    after.receipts = marked(session.receipts, message.username, message.seq, message.seq);
  }
  if (message.sender === me.id && message.kind === 'text') return { ...after, read: message.seq, unread: 0, line: null };
  if (session.kind === 'lobby' || !counts(message, me)) return after;
  const away = opened(state)?.id === session.id && !(view.visible && view.focused);
  return {
    ...after,
    unread: Math.min(session.unread + 1, UNREAD_UP_TO),
    // A user who looks elsewhere finds the line where reading ended.
    line: away && session.unread === 0 ? session.read : session.line,
  };
}

/** A changed message, the next step of its session. @param {Session} session @param {Message} message @param {State} state */
function amend(session, message, { me }) {
  const before = session.span && find(session.span, message.seq);
  const after = place(session, message);
  const counted = message.seq > session.read && counts({ ...message, deleted: false }, me) && session.kind !== 'lobby';
  if (!counted || !message.deleted || before?.deleted) return after;
  // At the limit the real count is unknown.
  if (session.unread === UNREAD_UP_TO) return { ...after, stale: true };
  return { ...after, unread: Math.max(session.unread - 1, 0) };
}

/** Puts a copy of a message wherever it is shown. The higher `rev` wins. @param {Session} session @param {Message} message */
function place(session, message) {
  const latest = session.last_message;
  const newer = !latest || message.seq > latest.seq || (message.seq === latest.seq && message.rev > latest.rev);
  return {
    ...session,
    span: session.span && put(session.span, message),
    changed: Math.max(session.changed, message.rev),
    last_message: newer ? preview(message) : latest,
    seq: Math.max(session.seq, message.seq),
  };
}

/** A page of changes: applies to every older `rev`. @param {Session} session @param {Frame} frame @param {State} state */
function catchUp(session, frame, state) {
  if (frame.from > session.rev) return session;
  let after = session;
  for (const message of [...frame.messages].sort((a, b) => a.seq - b.seq)) after = place(after, message);
  for (const member of frame.members.filter(({ rev }) => rev > session.rev)) after = moved(after, member, state);
  // Live frames are ahead of this page: its description of the session is outdated.
  if (frame.to < session.rev) return after;
  const serverRev = Math.max(session.serverRev, frame.to);
  const read = Math.max(session.read, frame.read);
  const caughtUp = {
    ...after, rev: frame.to, serverRev, read,
    title: frame.title,
    code: frame.code ?? session.code,
    receipts: allMarks(frame.receipts ?? [], session.receipts),
    marked: true,
    unread: frame.unread,
    stale: frame.more || serverRev > frame.to,
  };
  // The mark has moved since this page was made: its unread count is outdated.
  return read > frame.read ? recount(caughtUp, state.me) : caughtUp;
}

/**
 * The marks of the current members, none behind a known position.
 * @param {(Marks & {username: string})[]} list
 * @param {Dict<Marks>} before
 */
function allMarks(list, before) {
  return dict(list.map(({ username, read, received }) => [username, marked(before, username, read, received)[username]]));
}

/**
 * An own message that was stored: the reply takes the place of its event.
 * @param {Session} session
 * @param {Fields} event
 * @param {State} state
 */
function kept(session, { request, answer }, state) {
  const { seq, rev, at } = answer;
  if (answer.duplicate) return behind(session, rev);
  const { id, username } = state.me;
  const { text, reply_to } = request;
  /** @type {Message} */
  const message = { session: session.id, seq, rev, sender: id, username, kind: 'text', text, at };
  if (reply_to) message.reply_to = reply_to;
  const after = step(session, rev, (held) => post(held, message, state));
  // Only the server knows which names in it are mentions: this copy counts as older until the real one arrives by `sync`.
  if (!text.includes('@') || after.rev !== rev) return after;
  const older = { ...message, rev: rev - 1 };
  return { ...after, rev: rev - 1, stale: true, span: session.span && put(session.span, older), last_message: preview(older) };
}

/** @param {Session} session @param {Fields} event */
function paged(session, { request, answer, note }) {
  const { messages: page, complete } = answer;
  const { span, seq } = session;
  let after;
  if (note.way === 'older') after = span && prepend(span, page, complete, request.before);
  else if (note.way === 'newer') after = span && append(span, page, request.after, seq);
  else if (note.way === 'around') after = start(page, false, seq, false);
  else after = start(page, complete, seq, true);
  const wants = session.wants === note.wants ? null : session.wants;
  const loaded = { ...session, span: after, wants };
  // Something changed while the page was in flight: those steps are applied again.
  return session.changed > note.rev ? { ...loaded, rev: Math.min(session.rev, note.rev), stale: true } : loaded;
}

/** @param {Session} session @param {Partial<Span>} how */
const spanned = (session, how) => (session.span ? { ...session, span: { ...session.span, ...how } } : session);

/** @param {State} state @param {Frame} frame @param {(session: Session, message: Message, state: State) => Session} how */
const apply = (state, { type, ...message }, how) => change(state, message.session, (session) => (
  step(session, message.rev, (held) => how(held, message, state))
));

/** Requests more messages of a span that is not complete. @param {State} state @param {string} id @param {'older'|'newer'} wants @param {'first'|'live'} complete */
const more = (state, id, wants, complete) => change(state, id, (held) => (
  held.span && !held.span[complete] && held.wants === null ? { ...held, wants } : held
));

/** @type {Handlers} */
export const messages = {
  'frame:message': (state, { frame }) => apply(state, frame, post),
  'frame:message_changed': (state, { frame }) => apply(state, frame, amend),
  'frame:changes': (state, { frame }) => change(state, frame.session, (session) => catchUp(session, frame, state)),
  'answered:send': (state, event) => change(state, event.answer.session, (session) => kept(session, event, state)),

  'answered:history': (state, event) => change(state, event.request.session, (session) => paged(session, event)),
  'refused:history': (state, { request }) => change(state, request.session, (session) => ({ ...session, wants: null })),

  older: (state, { session }) => more(state, session, 'older', 'first'),
  newer: (state, { session }) => more(state, session, 'newer', 'live'),
  newest: (state, { session }) => change(state, session, (held) => (
    held.span?.live ? spanned(held, { follows: true }) : { ...held, span: null, wants: 'newest' }
  )),
};
