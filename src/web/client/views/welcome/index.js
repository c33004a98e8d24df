// The first page: what this is, and the ways in. Which way is chosen, and what is typed, stays here until somebody is in.

import { h } from '../../lib/dom.js';

/** The first page. */
export function welcome(state, act) {
  return h('main', { key: 'welcome', class: 'welcome' }, h('h1', null, 'Welcome to Parlor'));
}
