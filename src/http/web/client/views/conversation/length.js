// How much may still be written. The server counts a text in bytes, people count characters.

import { bytes } from '../../lib/prose.js';
import { count } from '../../lib/words.js';

/**
 * How many characters are left of the limit, below 0 where it is passed; null where it is far away or there is none. A
 * character to come counts as many bytes as those that are there do on average.
 * @param {string} text
 * @param {number|undefined} limit
 */
export function remaining(text, limit) {
  // A unit of a string takes three bytes at most: only a long text is worth counting.
  if (!limit || text.length * 3 < limit * 0.9) return null;
  const left = limit - bytes(text);
  if (left >= limit * 0.1) return null;
  return left < 0 ? -excess(text, -left) : Math.floor((left * [...text].length) / (limit - left));
}

/** How many characters must go from the end so that at least so many bytes go. @param {string} text @param {number} over */
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

/** The same for people. @param {number} left */
export function inWords(left) {
  return left < 0 ? `${count(-left, 'character')} too long. Shorten it, or send it in parts.` : `${count(left, 'character')} left`;
}
