// Validation before a request: an error text for an invalid value, null for a valid one.

import { settings } from './settings.js';

/** The error of a guest's name field. */
export const NO_GUESTS = 'Guests are not allowed on this server. Log in or create an account.';

/** @param {string} what @param {number} length @param {number} most */
const tooLong = (what, length, most) => (length > most ? `A ${what} can have at most ${most} characters; this one has ${length}.` : null);

/** A required value. @param {string} sentence */
export function required(sentence) {
  /** @param {string} value */
  return (value) => (value.trim() ? null : sentence);
}

/** A display name. @param {string} value */
export function personName(value) {
  const length = [...value.trim()].length;
  if (length === 0) return 'Enter a name others will see';
  return tooLong('name', length, 100);
}

/** What the server accepts as a username. */
export const USERNAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/;

/** The username of a new account. @param {string} value */
export function username(value) {
  if (!value.trim()) return 'Choose a username.';
  if (USERNAME.test(value.trim())) return null;
  return 'Use 2 to 32 letters (A to Z), digits, “_”, “.” or “-”, beginning with a letter or digit.';
}

/** A new password. @param {string} value */
export function newPassword(value) {
  const length = [...value].length;
  if (length === 0) return 'Choose a password.';
  const { passwordMin } = settings;
  if (length < passwordMin) return `A password needs at least ${passwordMin} characters; this one has ${length}.`;
  return tooLong('password', length, 128);
}

/** The title of a group or room. @param {string} value */
export const checkTitle = required('Enter a title.');

/** The optional title of a new room. @param {string} value */
export function optionalTitle(value) {
  return tooLong('title', [...value.trim()].length, 100);
}

/** The room code in an input, which may be a pasted link. @param {string} value */
export function codeIn(value) {
  const [, linked] = /\/room\/([^/?#\s]+)/.exec(value) ?? [];
  // Pasted codes may contain full-width letters, other dashes and invisible characters.
  return (linked ?? value).normalize('NFKC').replace(/[\s\p{Pd}\p{Cf}\u2212\u30fc]/gu, '').toUpperCase();
}

/** A room code or a link to a room. @param {string} value */
export function roomCode(value) {
  const { length } = codeIn(value);
  if (length === 0) return 'Enter a room code, or paste a link.';
  return length === 10 || length === 12 ? null : `A room code has 10 or 12 letters and digits; this one has ${length}.`;
}
