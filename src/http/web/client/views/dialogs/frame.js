// The frame of every dialog: its heading, its ✕, and the manners of a dialog. The browser's own `<dialog>` keeps focus
// inside, closes by Esc and gives focus back; here it is only told when.

import { h } from '../../lib/dom.js';
import { rescueFocus } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { part, recall } from '../../lib/part.js';

/** Closes whatever dialog is open. @param {Actions} act */
export function close(act) {
  act.dispatch({ type: 'dialog', dialog: null });
}

/**
 * A dialog. What carries `autofocus` inside gets the focus, else the heading, so that a reader begins at the top.
 * @param {Actions} act
 * @param {{title: string, wide?: boolean, role?: 'alertdialog'}} options
 * @param {...any} children what stands below the heading; `.dialog-actions` is the row of buttons at the end
 */
export function frame(act, { title, wide, role }, ...children) {
  return h('dialog', {
    class: ['dialog', wide && 'wide-dialog'], role, 'aria-labelledby': 'dialog-title', mount: show, unmount: hide,
    oncancel(event) {
      // The state closes it, so that state and page never differ.
      event.preventDefault();
      if (isFilled(event.currentTarget) && !warned(event.currentTarget)) return;
      close(act);
    },
    // A browser may close it without asking, on Esc pressed twice.
    onclose: () => close(act),
  },
    h('header', { class: 'dialog-head' },
      h('h2', { id: 'dialog-title', class: 'grow', tabindex: '-1' }, h('bdi', null, title)),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => close(act) }, icon('close'))),
    h('div', { class: 'dialog-body' }, part('div', { key: 'warning', class: 'dialog-warning', role: 'alert' }, ({ text }) => text), children));
}

/** Whether something was entered that closing would lose. @param {Fields} dialog */
function isFilled(dialog) {
  return [...dialog.querySelectorAll('input, textarea')].some((field) => {
    if (field.type === 'checkbox') return field.checked !== field.defaultChecked;
    if (field.type === 'hidden') return field.name === 'usernames' && field.value !== '';
    return field.type !== 'radio' && field.value !== field.defaultValue;
  });
}

/** Warns once. @returns {boolean} whether that was done before @param {Fields} dialog */
function warned(dialog) {
  const warning = recall(dialog.querySelector('.dialog-warning'));
  if (!warning || warning.text) return true;
  warning.set({ text: 'Press Esc again to discard what you entered.' });
  return false;
}

/** The row of buttons at the end of a dialog; "Cancel" is always there. @param {Actions} act @param {...any} buttons */
export function actions(act, ...buttons) {
  return h('div', { class: 'dialog-actions' },
    h('button', { type: 'button', class: 'button', onclick: () => close(act) }, 'Cancel'), buttons);
}

/** @param {any} element */
function show(element) {
  // A dialog can be shown only once it is in the page, which it is when the drawing is done.
  queueMicrotask(() => {
    if (!element.isConnected) return;
    if (!element.open) element.showModal();
    (element.querySelector('[autofocus]') ?? element.querySelector('h2'))?.focus();
  });
}

/** The browser gives the focus back to what had it, unless that is gone by now. @param {any} element */
function hide(element) {
  element.close();
  rescueFocus();
}
