// How much may still be written: the server counts a text in bytes.

import { bytes } from '../../lib/prose.js';

/** How many bytes are left of the limit, below 0 where it is passed; null where it is far away or there is none. */
export function remaining(text, limit) {
  // A unit of a string takes three bytes at most: only a long text is worth counting.
  if (!limit || text.length * 3 < limit * 0.9) return null;
  const left = limit - bytes(text);
  return left < limit * 0.1 ? left : null;
}

/** The same for people. */
export function inWords(left) {
  return left < 0 ? `Too long by ${-left} bytes. Shorten it, or send it in parts.` : `${left} bytes left`;
}
