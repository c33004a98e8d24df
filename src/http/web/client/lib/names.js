// How people are shown where there is no picture: initials on one of eight colours, always the same for the same name.

import { firstGrapheme } from './graphemes.js';

/** A display name with the username behind it, which nobody else can have. @param {string} name @param {string} username */
export const withUsername = (name, username) => `${name} (@${username})`;

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** A name or title inside a sentence: one that runs from right to left does not turn the words around it. @param {string} name */
export const isolate = (name) => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

/** One or two letters that stand for a name. @param {string} name */
export function initials(name) {
  /** @type {any[]} */
  const words = name.replace(/ \(@[\w.-]+\)$/, '').trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? firstGrapheme(words[0]) + firstGrapheme(words.at(-1)) : firstGrapheme(words[0] ?? '?');
  return letters.toLocaleUpperCase();
}

/** Puts users in the order of the names by which they are shown. @param {User} a @param {User} b */
export function byName(a, b) {
  return String(a.display_name).localeCompare(String(b.display_name));
}

/** 0–7: the colour of a name. @param {string} name */
export function hue(name) {
  let sum = 0;
  // @ts-expect-error: a letter has a code point.
  for (const letter of name.toLowerCase()) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 8;
}
