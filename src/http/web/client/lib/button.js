// Buttons with a label, and buttons with an icon only.

import { h } from './dom.js';
import { icon } from './icons.js';

/**
 * @param {string} label
 * @param {((event: UiEvent) => any)|null} onclick
 * @param {Props} [props] attributes, and `icon` (before the label) and `look` (further classes)
 */
export function button(label, onclick, { icon: picture, look, ...props } = {}) {
  return h('button', { type: 'button', class: ['button', look], onclick, ...props }, picture && icon(picture), label);
}

/**
 * @param {string} label the accessible name, shown as tooltip
 * @param {string} picture
 * @param {((event: UiEvent) => any)|null} onclick
 * @param {Props} [props]
 */
export function iconButton(label, picture, onclick, props) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...props }, icon(picture));
}
