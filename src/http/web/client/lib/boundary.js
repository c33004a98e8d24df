// Boundaries: what cannot be drawn takes nothing else with it. A row that fails is a row that says so, an area that fails is an
// area that says so; the error itself is on the console.

import { h } from './dom.js';
import { report } from './report.js';

/**
 * What `draw` gives; where it throws, what `instead` gives.
 * @param {() => any} draw
 * @param {() => any} instead
 * @returns {any}
 */
export function bounded(draw, instead) {
  try {
    return draw();
  } catch (error) {
    report(error);
    return instead();
  }
}

/**
 * An area of the page, or in its place a sentence and the way out.
 * @param {string} key
 * @param {() => any} draw its description
 */
export function boundedArea(key, draw) {
  return bounded(draw, () => unshown(key));
}

/** The sentence in place of an area. */
export function unshown(key = 'unshown') {
  return h('div', { key, class: 'empty unshown', role: 'alert' },
    h('p', null, 'This part of the page cannot be shown.'),
    h('button', { type: 'button', class: 'button', onclick: () => location.reload() }, 'Reload the page'));
}

/**
 * Rows of a list, each by itself.
 * @template T
 * @param {T[]} list
 * @param {(item: T, index: number) => any} draw
 * @param {{tag?: string, keyOf?: (item: any) => string, text?: string}} [options] of the row in place of one that fails
 */
export function boundedRows(list, draw, { tag = 'li', keyOf = ({ id }) => id, text = 'This entry cannot be shown.' } = {}) {
  return list.map((item, i) => bounded(
    () => draw(item, i),
    () => h(tag, { key: bounded(() => keyOf(item), () => `unshown-${i}`), class: 'unshown small muted' }, text),
  ));
}
