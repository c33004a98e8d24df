// Shown until it is known who is logged in: an outline of the page and, if the server is slow, a note. The styles delay both,
// since they would only flash on a fast machine.

import { h } from '../lib/dom.js';

const LINES = ['long', 'short', 'middle', 'long', 'short'];

export function skeleton() {
  return h('main', { key: 'start', class: 'start', 'aria-label': 'Parlor is loading', 'aria-busy': true },
    LINES.map((length) => h('div', { class: 'start-row' },
      h('span', { class: 'start-face' }),
      h('span', { class: ['start-line', length] }))),
    h('p', { class: 'start-note late muted' }, 'Waiting for the server…'));
}
