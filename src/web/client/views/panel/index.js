// Not written yet.

import { h } from '../../lib/dom.js';

/** The panel. */
export function panel(state, act) {
  return h('aside', { class: 'panel', key: 'panel' });
}
