// Not written yet.

import { h } from '../../lib/dom.js';

/** The conversation. */
export function conversation(state, act) {
  return h('main', { class: 'main', key: 'main' });
}
