// Avatars and names of people: initials on one of eight colours, always the same for the same name.

import { firstGrapheme } from './graphemes.js';

/** A display name with the username, which is unique. @param {string} name @param {string} username */
export const withUsername = (name, username) => `${name} (@${username})`;

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * A name or title for use inside a sentence: a right-to-left one does not change the direction of the text around it.
 * @param {string} name
 */
export const isolate = (name) => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

/** One or two initials. @param {string} name */
export function initials(name) {
  /** @type {any[]} */
  const parts = name.replace(/ \(@[\w.-]+\)$/, '').trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = parts.length > 1 ? firstGrapheme(parts[0]) + firstGrapheme(parts.at(-1)) : firstGrapheme(parts[0] ?? '?');
  return letters.toLocaleUpperCase();
}

/** Compares users by display name. @param {User} a @param {User} b */
export function byName(a, b) {
  return String(a.display_name).localeCompare(String(b.display_name));
}

/** The colour of a name, 0 to 7. @param {string} name */
export function hue(name) {
  let sum = 0;
  // @ts-expect-error: a letter has a code point.
  for (const letter of name.toLowerCase()) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 8;
}
