// The frame of every dialog: heading and close button. The browser's `<dialog>` traps the focus, closes on Esc and restores the
// focus.

import { button, iconButton } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { rescueFocus } from '../../lib/focus.js';
import { component, localOf } from '../../lib/component.js';

/**
 * A dialog. The element with `autofocus` inside is focused, otherwise the heading, so that a screen reader starts at the top.
 * @param {Actions} act
 * @param {{title: string, role?: 'alertdialog'}} options
 * @param {...any} children what stands below the heading; `.dialog-actions` is the row of buttons at the end
 */
export function frame(act, { title, role }, ...children) {
  return h('dialog', {
    class: 'dialog', role, 'aria-labelledby': 'dialog-title', mount: show, unmount: hide,
    oncancel(event) {
      // The state closes it, so that state and page never differ.
      event.preventDefault();
      if (isFilled(event.currentTarget) && !warned(event.currentTarget)) return;
      act.closeDialog();
    },
    // A browser may close it without a `cancel` event, on Esc pressed twice.
    onclose: act.closeDialog,
  },
    h('header', { class: 'dialog-head' },
      h('h2', { id: 'dialog-title', class: 'grow', tabindex: '-1' }, bdi(title)),
      iconButton('Close', 'close', act.closeDialog, { title: null })),
    h('div', { class: 'dialog-body' }, component('div', { key: 'warning', class: 'dialog-warning', role: 'alert' }, ({ text }) => text), children));
}

/** Whether closing would lose input. @param {Fields} dialog */
function isFilled(dialog) {
  return [...dialog.querySelectorAll('input, textarea')].some((field) => {
    if (field.type === 'checkbox') return field.checked !== field.defaultChecked;
    if (field.type === 'hidden') return field.name === 'usernames' && field.value !== '';
    return field.type !== 'radio' && field.value !== field.defaultValue;
  });
}

/** Shows a warning once. @returns {boolean} whether that was done before @param {Fields} dialog */
function warned(dialog) {
  const warning = localOf(dialog.querySelector('.dialog-warning'));
  if (!warning || warning.text) return true;
  warning.set({ text: 'Press Esc again to discard what you entered.' });
  return false;
}

/** The row of buttons at the end of a dialog, with "Cancel". @param {Actions} act @param {...any} buttons */
export function actions(act, ...buttons) {
  return h('div', { class: 'dialog-actions' },
    button('Cancel', act.closeDialog), buttons);
}

/** @param {any} element */
function show(element) {
  // A dialog can be shown only once it is attached, which is when the render is done.
  queueMicrotask(() => {
    if (!element.isConnected) return;
    if (!element.open) element.showModal();
    (element.querySelector('[autofocus]') ?? element.querySelector('h2'))?.focus();
  });
}

/** The browser restores the focus, unless that element was removed meanwhile. @param {any} element */
function hide(element) {
  element.close();
  rescueFocus();
}
