// What the server will not take, said before it is asked: a sentence for a wrong value, nothing for a good one.

import { settings } from './settings.js';

/** What is said beside the field of a new password. */
export const PASSWORD_HINT = `At least ${settings.passwordMin} characters.`;

/** For the field in which a guest's name is asked. */
export const NO_GUESTS = 'Guests are not allowed on this server. Log in or create an account.';

/** Anything, but something. @param {string} sentence */
export function some(sentence) {
  /** @param {string} value */
  return (value) => (value.trim() ? null : sentence);
}

/** The name by which others see somebody. @param {string} value */
export function personName(value) {
  const length = [...value.trim()].length;
  if (length === 0) return 'Enter a name others will see';
  return length > 100 ? `A name can have at most 100 characters; this one has ${length}.` : null;
}

/** The name of a new account. @param {string} value */
export function username(value) {
  if (!value.trim()) return 'Choose a username.';
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/.test(value.trim())) return null;
  return 'Use 2 to 32 letters (A to Z), digits, “_”, “.” or “-”, beginning with a letter or digit.';
}

/** A password that is new. @param {string} value */
export function newPassword(value) {
  const length = [...value].length;
  if (length === 0) return 'Choose a password.';
  const { passwordMin } = settings;
  if (length < passwordMin) return `A password needs at least ${passwordMin} characters; this one has ${length}.`;
  return length > 128 ? `A password can have at most 128 characters; this one has ${length}.` : null;
}

/** The title of a room, which may be left out. @param {string} value */
export function optionalTitle(value) {
  const length = [...value.trim()].length;
  return length > 100 ? `A title can have at most 100 characters; this one has ${length}.` : null;
}

/** The code that somebody means, who may have pasted the whole link. @param {string} value */
export function codeIn(value) {
  const [, linked] = /\/room\/([^/?#\s]+)/.exec(value) ?? [];
  // Full-width letters, dashes of any kind and what cannot be seen come along when a code is pasted.
  return (linked ?? value).normalize('NFKC').replace(/[\s\p{Pd}\p{Cf}\u2212\u30fc]/gu, '').toUpperCase();
}

/** A room code or a link to a room. @param {string} value */
export function roomCode(value) {
  const { length } = codeIn(value);
  if (length === 0) return 'Enter a room code, or paste a link.';
  return length === 10 || length === 12 ? null : `A room code has 10 or 12 letters and digits; this one has ${length}.`;
}
