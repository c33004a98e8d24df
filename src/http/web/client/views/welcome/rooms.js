// Straight into a room, for somebody who is not logged in: a name, a room, in.

import { form } from '../../lib/form.js';
import { NO_GUESTS, codeIn, optionalTitle, personName, roomCode } from '../../lib/checks.js';
import { KEEP } from '../keep.js';

/** Which field a refusal belongs to when a room does not open: codes → fields. */
export const REFUSALS = { forbidden: ['name', NO_GUESTS], unknown_room: 'code', too_many_attempts: 'code', limit_reached: 'code' };

/** The field for one's name. */
export const NAME = { name: 'name', label: 'Your name', autocomplete: 'nickname', dir: 'auto', check: personName };

/** The field for a room's code. */
export const CODE = {
  name: 'code', label: 'Room code', class: 'input code-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
  check: roomCode, hint: '10 or 12 letters and digits. You can also paste the link.',
};

/** A form for a new room. @param {Actions} act */
export function createRoom(act) {
  /** @param {Fields} options */
  const send = ({ name, title, keep }) => enter(act, name, () => create(act, title, Boolean(keep)));
  return form({ key: 'create', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
    field({ ...NAME, focus: true }),
    field({
      name: 'title', label: 'Room title', autocomplete: 'off', dir: 'auto', check: optionalTitle,
      hint: 'Optional. People see it before they join.',
    }),
    field(KEEP),
    submit('Create a room'),
  ]);
}

/** A form for somebody else's room. @param {Actions} act */
export function joinRoom(act) {
  /** @param {Fields} options */
  const send = async ({ name, code }) => {
    // Before a guest is made: a wrong code costs nobody a name.
    await look(act, code);
    await enter(act, name, () => join(act, code));
  };
  return form({ key: 'join', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
    field({ ...CODE, focus: true }),
    field(NAME),
    submit('Join room'),
  ]);
}

/**
 * Comes in as a guest with an errand, and opens the session that it gave.
 * @param {Actions} act
 * @param {string} name
 * @param {() => Promise<any>} errand
 */
export async function enter(act, name, errand) {
  const { session } = await act.guest(name.trim(), errand);
  act.go({ name: 'session', id: session.id });
}

/**
 * What may be known of a room before joining: `{title, member_count, online_count}`. Needs no login.
 * @param {Actions} act
 * @param {string} code
 */
export function look(act, code) {
  return act.rest('GET', `/rooms/${encodeURIComponent(codeIn(code))}`);
}

/** Joins as the user who is logged in. @param {Actions} act @param {string} code */
export function join(act, code) {
  return act.rest('POST', `/rooms/${encodeURIComponent(codeIn(code))}/join`);
}

/** @param {Actions} act @param {string} title @param {boolean} keep */
function create(act, title, keep) {
  return act.rest('POST', '/sessions', { kind: 'room', title: title.trim() || undefined, keep });
}
