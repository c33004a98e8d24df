// A decorative picture of a short conversation, hidden from screen readers.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { avatar } from '../avatar.js';

/** Sender and text; null is oneself. The cup needs its variation selector to be drawn in colour. */
const LINES = [
  ['Lisa', 'Is the kettle on? \u2615\ufe0f'],
  ['Avi', 'It is. Bring the cake!'],
  [null, 'On my way 🚲'],
];

export function scene() {
  return h('div', { class: 'scene', 'aria-hidden': true }, LINES.map(([name, text]) => h('div', { class: ['scene-line', !name && 'scene-own'] },
    name && avatar(name, { size: 'small' }),
    h('span', { class: 'scene-bubble' }, text, !name && icon('checks')))));
}
