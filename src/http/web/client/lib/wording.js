// Error messages for people: what happened and what to do. The codes are those of the API; `offline` and `not_kept` are the
// client's own.

/** @type {Fields} */
const SENTENCES = {
  __proto__: null,
  unknown_user: 'There is no user with this name. Check the spelling.',
  unauthenticated: 'You are no longer logged in. Log in again.',
  wrong_password: 'Wrong password.',
  invite_required: 'This person only talks to people they have accepted. Send an invitation first.',
  blocked: 'You have blocked this person. Unblock them first.',
  not_found: 'This no longer exists, or you do not have access to it.',
  unknown_room: 'No room has this code. It may have been replaced, or the room has ended.',
  username_taken: 'This name is taken or reserved. Choose another.',
  already_connected: 'This person is already in the conversation.',
  key_conflict: 'This message was already sent with different text. Copy it and send it as a new one.',
  invite_closed: 'This invitation was already answered, was withdrawn or has expired.',
  unsupported_media_type: 'This page is out of date. Reload it.',
  busy: 'The server is overloaded. Nothing was changed. Try again in a moment.',
  unavailable: 'The server is temporarily unavailable. Try again in a moment.',
  internal: 'Something went wrong on the server. Try again in a moment.',
  offline: 'The server cannot be reached. Check your connection and try again.',
};

/** Codes whose message from the server is written for people. */
const READABLE = new Set(['forbidden', 'limit_reached', 'not_kept']);

/**
 * The message for a refusal.
 * @param {{code: string, message?: string, retry_after_ms?: number}} error
 * @param {Object<string, string>} [here] more exact messages for codes in this context
 */
export function errorText(error, here = {}) {
  const { code, message } = error;
  if (Object.hasOwn(here, code)) return here[code];
  if (code === 'too_many_attempts') return `Too many attempts. Try again ${retryTime(error)}.`;
  if (code === 'rate_limited') return `Too many requests. Try again ${retryTime(error)}.`;
  if (code === 'invalid_request' || code === 'too_large') return refusedField(message) ?? `This was not accepted: ${plain(message)}.`;
  if (READABLE.has(code) && message) return message;
  return SENTENCES[code] ?? 'Something went wrong. Try again in a moment.';
}

/** "in 5 seconds", "in 3 minutes"; "in a moment" where the server did not send a time. @param {Refusal} error */
export function retryTime({ retry_after_ms: ms }) {
  if (!ms) return 'in a moment';
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `in ${count(seconds, 'second')}`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `in ${count(minutes, 'minute')}` : `in ${count(Math.ceil(minutes / 60), 'hour')}`;
}

/** "1 minute", "3 minutes". @param {number} n @param {string} noun @param {string} [nouns] */
export function count(n, noun, nouns = `${noun}s`) {
  return `${n} ${n === 1 ? noun : nouns}`;
}

/** The request field that the server reports as invalid. @param {Refusal} error */
export function invalidField({ code, message }) {
  return code === 'invalid_request' ? /`([a-z_]+)`/.exec(message ?? '')?.[1] : undefined;
}

/** The message for a detail that begins with a field's name. @param {string|undefined} message */
function refusedField(message) {
  const [, field, rest] = /^`([a-z_]+)` (.+)$/.exec(message ?? '') ?? [];
  if (!field) return undefined;
  const name = field.replaceAll('_', ' ');
  return `${name[0].toUpperCase()}${name.slice(1)} ${plain(rest)}.`;
}

/** The server's detail without backticks and final period. @param {string|undefined} message */
function plain(message) {
  return (message ?? 'something in it is wrong').replaceAll('`', '').replace(/\.$/, '');
}
