// Times on the page.

import { h } from '../lib/dom.js';
import { moment } from '../lib/time.js';

/** A time with the full date as tooltip. @param {string|number} at @param {string} text @param {string} [shape] */
export function timeTag(at, text, shape) {
  return h('time', { class: shape, datetime: new Date(at).toISOString(), title: moment(at) }, text);
}
