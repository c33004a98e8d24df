// The shapes of the sections of the account dialog.

import { h } from '../../lib/dom.js';

/** A section with a heading. @param {string} key @param {string} title @param {...any} children */
export function section(key, title, ...children) {
  return h('section', { key, class: 'account-section' }, h('h3', { tabindex: '-1' }, title), children);
}

/** A section that is rarely wanted: closed until somebody opens it. @param {string} key @param {string} title @param {...any} children */
export function folded(key, title, ...children) {
  return h('details', { key, class: 'account-section folded' }, h('summary', null, title), h('div', { class: 'folded-body' }, children));
}

/** Gives the focus to the heading of the section around an element, for when what was pressed there is about to go. @param {any} element */
export function toHeading(element) {
  element.closest('section')?.querySelector('h3')?.focus();
}
