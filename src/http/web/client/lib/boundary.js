// Error boundaries: a row or an area of the page that throws is replaced by a sentence, and the rest is drawn. The error is
// reported on the console.

import { button } from './button.js';
import { h } from './dom.js';
import { report } from './report.js';

/**
 * The result of `draw`, or that of `instead` where it throws.
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
 * An area of the page, or a sentence and a reload button in its place.
 * @param {string} key
 * @param {() => any} draw its description
 */
export function boundedArea(key, draw) {
  return bounded(draw, () => unshown(key));
}

/** Replaces an area that cannot be drawn. */
export function unshown(key = 'unshown') {
  return h('div', { key, class: 'empty unshown', role: 'alert' },
    h('p', null, 'This part of the page cannot be shown.'),
    button('Reload the page', () => location.reload()));
}

/**
 * The rows of a list, each with an error boundary of its own.
 * @template T
 * @param {T[]} list
 * @param {(item: T, index: number) => any} draw
string, text?: string}} [options] of the row in place of one that fails =>  * @param {{tag?: string, keyOf?: (item: any) => string, text?: string}} [options] of the row that replaces a failed one => string, text?: string}} [options] of the row in place of one that fails
 */
export function boundedRows(list, draw, { tag = 'li', keyOf = ({ id }) => id, text = 'This entry cannot be shown.' } = {}) {
  return list.map((item, i) => bounded(
    () => draw(item, i),
    () => h(tag, { key: bounded(() => keyOf(item), () => `unshown-${i}`), class: 'unshown small muted' }, text),
  ));
}
