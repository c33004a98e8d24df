// Short words at the edge of the page: what was done, what went wrong. They go by themselves, but never while somebody
// points at one or has the focus in it.

import { boundedRows } from '../lib/boundary.js';
import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { part, recall } from '../lib/part.js';

/** @type {Fields} */
const STAYS_MS = { __proto__: null, info: 6_000, news: 15_000, error: 15_000 };
/** @type {Fields} */
const ICONS = { __proto__: null, info: 'check', news: 'info', error: 'warning' };

/** The place of the toasts; it is always there, or a screen reader would not hear the first. @param {State} state @param {Actions} act */
export function toasts(state, act) {
  return h('div', { key: 'toasts', class: 'toasts', role: 'status' }, boundedRows(state.toasts, (toast) => shown(toast, act), { tag: 'p' }));
}

/** @param {Toast} toast @param {Actions} act */
function shown(toast, act) {
  const dismiss = () => act.dispatch({ type: 'untoast', id: toast.id });
  /** @param {UiEvent} event */
  const hold = (event) => recall(event.currentTarget.closest('.toast'))?.hold();
  /** @param {UiEvent} event */
  const wait = (event) => recall(event.currentTarget.closest('.toast'))?.wait();
  return part('div', {
    key: toast.id,
    class: ['toast', toast.kind === 'error' && 'toast-error'],
    begin: (memory) => countdown(memory, STAYS_MS[toast.kind] ?? STAYS_MS.info, dismiss),
    onpointerenter: hold,
    onpointerleave: wait,
  }, () => [
    icon(ICONS[toast.kind] ?? ICONS.info),
    h('p', { class: 'grow' }, toast.text),
    toast.action && h('button', {
      type: 'button', class: 'toast-action', onfocus: hold, onblur: wait,
      onclick() {
        dismiss();
        // @ts-expect-error: the button is there where the action is.
        act.dispatch(toast.action.event);
      },
    }, toast.action.text),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss', onfocus: hold, onblur: wait, onclick: dismiss }, icon('close')),
  ]);
}

/** @param {Memory} memory @param {number} stays @param {() => void} dismiss */
function countdown(memory, stays, dismiss) {
  /** @type {any} */
  let timer = null;
  memory.hold = () => clearTimeout(timer);
  memory.wait = () => {
    clearTimeout(timer);
    timer = setTimeout(dismiss, stays);
  };
  memory.wait();
  return memory.hold;
}
