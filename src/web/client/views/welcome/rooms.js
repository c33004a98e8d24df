// Straight into a room, for somebody who is nobody yet: a name, a room, in.

import { form } from '../../lib/form.js';
import { NO_GUESTS, codeIn, optionalTitle, personName, roomCode } from '../../lib/checks.js';

/** Whose fault it is when a room does not open: codes → fields. */
export const REFUSALS = { forbidden: ['name', NO_GUESTS], unknown_room: 'code', too_many_attempts: 'code', limit_reached: 'code' };

/** The field for one's name. */
export const NAME = { name: 'name', label: 'Your name', autocomplete: 'nickname', dir: 'auto', check: personName };

/** The field for a room's code. */
export const CODE = {
  name: 'code', label: 'Room code', class: 'input code-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
  check: roomCode, hint: 'Ten or twelve letters and digits, or the whole link.',
};

/** A form for a room that is new. */
export function createRoom(act) {
  const send = ({ name, title }) => enter(act, name, () => create(act, title));
  return form({ key: 'create', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
    field({ ...NAME, focus: true }),
    field({
      name: 'title', label: 'What is it about?', autocomplete: 'off', dir: 'auto', check: optionalTitle,
      hint: 'The room’s title, if you like. Inside you get a code and a link to share.',
    }),
    submit('Create a room'),
  ]);
}

/** A form for a room that somebody else has made. */
export function joinRoom(act) {
  const send = ({ name, code }) => enter(act, name, () => join(act, code));
  return form({ key: 'join', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
    field({ ...CODE, focus: true }),
    field(NAME),
    submit('Join room'),
  ]);
}

/** Comes in as a guest with an errand, and opens the session that it gave. */
export async function enter(act, name, errand) {
  const { session } = await act.guest(name.trim(), errand);
  act.go({ name: 'session', id: session.id });
}

/** Joins as whoever is logged in. */
export function join(act, code) {
  return act.rest('POST', `/rooms/${encodeURIComponent(codeIn(code))}/join`);
}

function create(act, title) {
  return act.rest('POST', '/sessions', { kind: 'room', title: title.trim() || undefined });
}
