// The whole page: what link and phase ask for.

import { h } from '../lib/dom.js';

/** @returns the page as descriptions */
export function app(state, act) {
  return h('p', null, `Parlor: ${state.phase}`);
}
