// What a refusal says to the person who meets it: what happened and what to do now. The codes are those of the API;
// `offline` and `not_kept` are the client's own.

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

/** Codes whose message from the server is a sentence for people already. */
const SPEAKING = new Set(['forbidden', 'limit_reached', 'not_kept']);

/**
 * A refusal as a sentence.
 * @param {{code: string, message?: string, retry_after_ms?: number}} error
 * @param {Object<string, string>} [here] sentences for codes that mean something more exact where they were met
 */
export function inWords(error, here = {}) {
  const { code, message } = error;
  if (Object.hasOwn(here, code)) return here[code];
  if (code === 'too_many_attempts') return `Too many attempts. Try again ${wait(error)}.`;
  if (code === 'rate_limited') return `Too many requests. Try again ${wait(error)}.`;
  if (code === 'invalid_request' || code === 'too_large') return refusedField(message) ?? `This was not accepted: ${plain(message)}.`;
  if (SPEAKING.has(code) && message) return message;
  return SENTENCES[code] ?? 'Something went wrong. Try again in a moment.';
}

/** "in 5 seconds", "in 3 minutes", "in a moment" where nobody knows. @param {Refusal} error */
export function wait({ retry_after_ms: ms }) {
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

/** The field of a request that the server names as wrong. @param {Refusal} error */
export function wrongField({ code, message }) {
  return code === 'invalid_request' ? /`([a-z_]+)`/.exec(message ?? '')?.[1] : undefined;
}

/** A detail that begins with the name of a field, as a sentence about it. @param {string|undefined} message */
function refusedField(message) {
  const [, field, rest] = /^`([a-z_]+)` (.+)$/.exec(message ?? '') ?? [];
  if (!field) return undefined;
  const name = field.replaceAll('_', ' ');
  return `${name[0].toUpperCase()}${name.slice(1)} ${plain(rest)}.`;
}

/** The server's detail, which quotes the names of fields and ends with or without a stop. @param {string|undefined} message */
function plain(message) {
  return (message ?? 'something in it is wrong').replaceAll('`', '').replace(/\.$/, '');
}
