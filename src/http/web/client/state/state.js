// The client's state and its reducer: a pure function, composed of one file per noun.
//
// Each file exports a table of handlers by event: `frame:<type>` for a frame of the server, `requested:<command>`,
// `answered:<command>` and `refused:<command>` for the stages of a command, otherwise the event's type. A handler gets the state
// and the event and returns the next state; what it does not touch keeps its identity. No DOM, no clock, no I/O here.

import { dict } from '../lib/dict.js';
import { drafts } from './drafts.js';
import { invites } from './invites.js';
import { link } from './link.js';
import { members } from './members.js';
import { messages } from './messages.js';
import { outbox } from './outbox.js';
import { people } from './people.js';
import { receipts } from './receipts.js';
import { room } from './room.js';
import { search } from './search.js';
import { sessions } from './sessions.js';
import { toasts } from './toasts.js';
import { typing } from './typing.js';
import { view } from './view.js';

/** The initial state. @type {Readonly<State>} */
export const empty = Object.freeze({
  phase: 'starting',
  now: 0,
  me: null,
  server: null,
  limits: {},
  link: { status: 'off', why: null, attempt: 0 },
  sessions: dict(),
  sessionsNext: null,
  whole: false,
  unnamed: dict(),
  strays: dict(),
  removed: dict(),
  people: dict(),
  presenceDue: false,
  blocks: null,
  invites: { in: [], out: [], fresh: [], next: null, outDue: false },
  outbox: dict(),
  drafts: dict(),
  search: null,
  room: null,
  view: {
    route: { name: 'home' }, side: 'chats', dialog: null, visible: true, focused: true, jump: null,
    missing: null,
  },
  toasts: [],
});

// Sessions come first: messages and receipts of a frame belong to a session that must exist.
const NOUNS = [sessions, members, messages, receipts, typing, people, invites, outbox, drafts, search, room, view,
  toasts, link];

const HANDLERS = new Map();
for (const noun of NOUNS) {
  for (const [name, handle] of Object.entries(noun)) {
    HANDLERS.set(name, [...(HANDLERS.get(name) ?? []), handle]);
  }
}

/** The state after an event. @param {State} state @param {StateEvent} event @returns {State} */
export function next(state, event) {
  let after = event.now !== undefined && event.now !== state.now ? { ...state, now: event.now } : state;
  // The current route needs its data loaded again for the next user.
  if (event.type === 'wiped') return next(forget(after), { type: 'route', route: after.view.route });
  // Another user is logged in: they must not see the state of the one before.
  if (isOtherUser(after, event)) after = forget(after);
  for (const handle of HANDLERS.get(nameOf(event)) ?? []) after = handle(after, event);
  return after;
}

/** @param {StateEvent} event */
function nameOf(event) {
  if (event.type === 'frame') return `frame:${event.frame.type}`;
  if (event.type === 'requested' || event.type === 'answered' || event.type === 'refused') return `${event.type}:${event.request.type}`;
  return event.type;
}

/** @param {State} state @param {StateEvent} event */
function isOtherUser({ me }, event) {
  const user = event.type === 'frame' && event.frame.type === 'ready' ? event.frame.user : event.type === 'phase' && event.me;
  return Boolean(me && user && user.id !== me.id);
}

/** The state without a user: only the page's own fields and the route are kept. @param {State} state */
function forget(state) {
  const { route, visible, focused } = state.view;
  return { ...empty, now: state.now, phase: 'visitor', toasts: state.toasts, view: { ...empty.view, route, visible, focused } };
}
