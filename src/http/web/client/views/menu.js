// A popup menu: a button that opens a short list of actions.
//
// The open menu belongs to the page and not to the state: the list is created when it opens and removed when it closes. It is
// attached to the landmark (or dialog) around its button, since a scrolling list would clip it. Keys follow the WAI-ARIA
// practices for menu buttons: arrows, Home, End, letters, Esc, Tab.

import { h, patch } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { EDGE, place } from '../lib/place.js';

/**
 * An action, or `'line'` between two groups of them.
 * @typedef {{label: string, icon?: string, danger?: boolean, run: () => void} | 'line'} MenuItem
 */

/** The open menu: its button, its element, and how to close it. @type {any} */
let open = null;

/**
 * A button with a menu.
 * @param {{label: string, icon?: string, text?: string, class?: string, key?: string, items: MenuItem[] | (() => MenuItem[])}} menu
 *   `label` is the button's and the menu's accessible name; `text` is shown beside the icon; a function `items` is called on opening
 */
export function menuButton({ label, icon: picture = 'more', text, class: shape = 'icon-button', key, items }) {
  /** @param {UiEvent} event @param {boolean} last */
  const show = (event, last) => openMenu(event.currentTarget, { label, items: typeof items === 'function' ? items() : items, last });
  return h('button', {
    key,
    type: 'button',
    class: shape,
    'aria-label': label,
    'aria-haspopup': 'menu',
    'aria-expanded': 'false',
    title: text ? null : label,
    onclick: (event) => (open?.button === event.currentTarget ? closeMenu() : show(event, false)),
    onkeydown(event) {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      show(event, event.key === 'ArrowUp');
    },
    unmount: (button) => open?.button === button && closeMenu(false),
  }, icon(picture), text);
}

/**
 * Opens a menu at an element, which is focused again when it closes.
 * @param {HTMLElement} button
 * @param {{label: string, items: MenuItem[], last?: boolean, at?: {x: number, y: number}|null}} menu `last`: the focus begins at
 *   the end; `at`: opens there (a right click) instead of below the element
 */
export function openMenu(button, { label, items, last = false, at = null }) {
  closeMenu(false);
  const element = document.createElement('div');
  element.className = 'menu';
  element.setAttribute('role', 'menu');
  element.setAttribute('aria-label', label);
  patch(element, items.map(item));
  (button.closest('dialog, main, nav, aside') ?? document.body).append(element);

  const ending = new AbortController();
  /** @param {EventTarget} target @param {string} name @param {(event: any) => any} handler @param {boolean} [capture] */
  const listen = (target, name, handler, capture = true) => target.addEventListener(name, handler, { capture, signal: ending.signal });
  const follow = () => placeAt(element, at ? new DOMRect(at.x, at.y, 0, 0) : button.getBoundingClientRect());
  open = { button, element, ending };
  button.setAttribute('aria-expanded', 'true');
  follow();
  listen(element, 'keydown', keys, false);
  listen(window, 'resize', follow);
  listen(document, 'scroll', (event) => event.target !== element && follow());
  // The button's own click closes it.
  /** @param {UiEvent} event */
  const leave = (event) => !element.contains(event.target) && !button.contains(event.target) && closeMenu(false);
  listen(document, 'pointerdown', leave);
  listen(document, 'focusin', leave);
  choices().at(last ? -1 : 0)?.focus();
}

/** Closes the open menu, if any. @param {boolean} back whether its button gets the focus */
export function closeMenu(back = true) {
  if (!open) return;
  const { button, element, ending } = open;
  open = null;
  ending.abort();
  element.remove();
  button.setAttribute('aria-expanded', 'false');
  if (back) button.focus();
}

/** @param {MenuItem} entry */
function item(entry) {
  if (entry === 'line') return h('hr', null);
  return h('button', {
    type: 'button',
    role: 'menuitem',
    tabindex: '-1',
    class: ['menu-item', entry.danger && 'danger'],
    onclick() {
      // Closed first: the action may take the focus, and gives it back to the button.
      closeMenu();
      entry.run();
    },
  }, entry.icon && icon(entry.icon), h('span', { dir: 'auto' }, entry.label));
}

function choices() {
  return [...open.element.querySelectorAll('[role="menuitem"]')];
}

/** @param {UiEvent} event */
function keys(event) {
  const all = choices();
  const here = all.indexOf(document.activeElement);
  const to = {
    ArrowDown: (here + 1) % all.length,
    ArrowUp: (here + all.length - (here < 0 ? 0 : 1)) % all.length,
    Home: 0,
    End: all.length - 1,
  }[event.key] ?? (event.key.length === 1 && event.key !== ' ' ? byLetter(all, here, event.key) : -1);
  if (to >= 0) all[to].focus();
  // The focus returns to the button first, so that Tab moves to the element after it.
  else if (event.key === 'Tab') return closeMenu();
  else if (event.key === 'Escape') closeMenu();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {any[]} all @param {number} here @param {string} letter */
function byLetter(all, here, letter) {
  const turned = [...all.keys()].map((i) => (here + 1 + i) % all.length);
  return turned.find((i) => all[i].textContent.toLowerCase().startsWith(letter.toLowerCase())) ?? -1;
}

/** Below the anchor if there is room, otherwise above. @param {any} element @param {any} anchor */
function placeAt(element, anchor) {
  const gap = 4;
  const { offsetWidth: width, offsetHeight: height } = element;
  const { clientWidth, clientHeight } = document.documentElement;
  const backwards = getComputedStyle(element).direction === 'rtl';
  // Extends in reading direction, or away from the edge at which its button is.
  const rightwards = backwards ? anchor.right - width < EDGE : anchor.left + width + EDGE <= clientWidth;
  const below = anchor.bottom + gap;
  place(element, rightwards ? anchor.left : anchor.right - width, below + height + EDGE <= clientHeight ? below : anchor.top - height - gap);
}
