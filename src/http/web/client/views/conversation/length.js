// The remaining length of a text. The server counts bytes, people count characters.

import { bytes } from '../../lib/text.js';
import { count } from '../../lib/wording.js';

/**
 * Characters left until the limit, negative beyond it; null if it is far away or there is none. A further character counts as
 * many bytes as the average of those in the text.
 * @param {string} text
 * @param {number|undefined} limit
 */
export function remaining(text, limit) {
  // A code unit takes three bytes at most: only a long text is worth counting.
  if (!limit || text.length * 3 < limit * 0.9) return null;
  const left = limit - bytes(text);
  if (left >= limit * 0.1) return null;
  return left < 0 ? -excess(text, -left) : Math.floor((left * [...text].length) / (limit - left));
}

/** Characters to remove from the end to save so many bytes. @param {string} text @param {number} over */
function excess(text, over) {
  const characters = [...text];
  let gone = 0;
  let freed = 0;
  while (freed < over) {
    gone += 1;
    // @ts-expect-error: fewer characters are gone than there are.
    freed += bytes(characters.at(-gone));
  }
  return gone;
}

/** The remaining length as text. @param {number} left */
export function lengthText(left) {
  return left < 0 ? `${count(-left, 'character')} too long. Shorten it, or send it in parts.` : `${count(left, 'character')} left`;
}
