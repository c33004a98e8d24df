// What the titles of groups and rooms may be, for every form that asks for one.

/** Characters of a title at most. */
const LONGEST = 100;

/** Attributes of a title's field. */
export const TITLE = { maxlength: String(LONGEST), dir: 'auto', autocomplete: 'off' };

/** A sentence when it is no title. @param {string} title */
export function checkTitle(title) {
  return title.trim() ? null : 'Enter a title.';
}
