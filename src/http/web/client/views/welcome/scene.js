// A picture of what goes on behind the door: a short conversation, hung on the wall. Decoration, so nothing is read out.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { hue, initials } from '../../lib/names.js';

/** Who says what; without a name it is oneself. The cup needs its selector to be drawn in colour. */
const LINES = [
  ['Lisa', 'Is the kettle on? \u2615\ufe0f'],
  ['Avi', 'It is. Bring the cake!'],
  [null, 'On my way 🚲'],
];

/** The picture. */
export function scene() {
  return h('div', { class: 'scene', 'aria-hidden': 'true' }, LINES.map(([name, text]) => h('div', { class: ['scene-line', !name && 'scene-own'] },
    name && h('span', { class: `avatar small-avatar hue-${hue(name)}` }, initials(name)),
    h('span', { class: 'scene-bubble' }, text, !name && icon('checks')))));
}
