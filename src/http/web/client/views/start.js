// The moment before it is known who is here: the outline of the page, and where the server is slow a word. The styles hold
// both back, since on a quick machine they would only flash.

import { h } from '../lib/dom.js';

const LINES = ['long', 'short', 'middle', 'long', 'short'];

/** The outline. */
export function start() {
  return h('main', { key: 'start', class: 'start', 'aria-label': 'Parlor is loading', 'aria-busy': 'true' },
    LINES.map((length) => h('div', { class: 'start-row' },
      h('span', { class: 'start-face' }),
      h('span', { class: ['start-line', length] }))),
    h('p', { class: 'start-word late muted' }, 'Waiting for the server…'));
}
