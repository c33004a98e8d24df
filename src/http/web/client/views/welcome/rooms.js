// Creating and joining rooms as a guest.

import { form } from '../../lib/form.js';
import { NO_GUESTS, codeIn, optionalTitle } from '../../lib/validation.js';
import { CODE, KEEP, NAME } from '../fields.js';

/** The fields that refusals belong to: codes → fields. */
export const REFUSALS = { forbidden: ['name', NO_GUESTS], unknown_room: 'code', too_many_attempts: 'code', limit_reached: 'code' };

/** The form for a new room. @param {Actions} act */
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

/** The form that joins a room. @param {Actions} act */
export function joinRoom(act) {
  /** @param {Fields} options */
  const send = async ({ name, code }) => {
    // Before the guest is created: a wrong code must not use up a name.
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
 * Logs in as a guest, and opens the session that `task` returns.
 * @param {Actions} act
 * @param {string} name
 * @param {() => Promise<any>} task
 */
export async function enter(act, name, task) {
  const { session } = await act.guest(name.trim(), task);
  act.openSession(session.id);
}

/**
 * The public description of a room: `{title, member_count, online_count}`. Needs no login.
 * @param {Actions} act
 * @param {string} code
 */
export function look(act, code) {
  return act.rest('GET', `/rooms/${encodeURIComponent(codeIn(code))}`);
}

/** Joins as the current user. @param {Actions} act @param {string} code */
export function join(act, code) {
  return act.rest('POST', `/rooms/${encodeURIComponent(codeIn(code))}/join`);
}

/** @param {Actions} act @param {string} title @param {boolean} keep */
function create(act, title, keep) {
  return act.rest('POST', '/sessions', { kind: 'room', title: title.trim() || undefined, keep });
}
