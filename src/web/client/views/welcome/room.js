// A link to a room, met by somebody who is logged in already.

import { h } from '../../lib/dom.js';

/** What the code leads to, and the button to join. */
export function lookAt(state, act) {
  return h('main', { key: 'main', class: 'main' });
}
