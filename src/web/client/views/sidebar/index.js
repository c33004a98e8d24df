// Not written yet.

import { h } from '../../lib/dom.js';

/** The sidebar. */
export function sidebar(state, act) {
  return h('nav', { class: 'sidebar', key: 'sidebar' });
}
