// Toasts: results and errors at the edge of the page. They disappear, but not while one is hovered or focused.

import { boundedRows } from '../lib/boundary.js';
import { iconButton } from '../lib/button.js';
import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { component, localOf } from '../lib/component.js';

/** @type {Fields} */
const DURATION_MS = { __proto__: null, info: 6_000, news: 15_000, error: 15_000 };
/** @type {Fields} */
const ICONS = { __proto__: null, info: 'check', news: 'info', error: 'warning' };

/**
 * The live region of the toasts; it is always rendered, or screen readers would miss the first one.
 * @param {State} state
 * @param {Actions} act
 */
export function toasts(state, act) {
  return h('div', { key: 'toasts', class: 'toasts', role: 'status' }, boundedRows(state.toasts, (toast) => shown(toast, act), { tag: 'p' }));
}

/** @param {Toast} toast @param {Actions} act */
function shown(toast, act) {
  const dismiss = () => act.dispatch({ type: 'untoast', id: toast.id });
  /** @type {(name: 'hold'|'wait') => (event: UiEvent) => void} */
  const call = (name) => ({ currentTarget }) => localOf(currentTarget.closest('.toast'))?.[name]();
  const [hold, wait] = [call('hold'), call('wait')];
  return component('div', {
    key: toast.id,
    class: ['toast', toast.kind === 'error' && 'toast-error'],
    begin: (local) => countdown(local, DURATION_MS[toast.kind], dismiss),
    onpointerenter: hold,
    onpointerleave: wait,
  }, () => [
    icon(ICONS[toast.kind]),
    h('p', { class: 'grow' }, toast.text),
    toast.action && h('button', {
      type: 'button', class: 'toast-action', onfocus: hold, onblur: wait,
      onclick() {
        dismiss();
        // @ts-expect-error: the button is there where the action is.
        act.dispatch(toast.action.event);
      },
    }, toast.action.text),
    iconButton('Dismiss', 'close', dismiss, { title: null, onfocus: hold, onblur: wait }),
  ]);
}

/** @param {LocalState} local @param {number} duration @param {() => void} dismiss */
function countdown(local, duration, dismiss) {
  /** @type {any} */
  let timer = null;
  local.hold = () => clearTimeout(timer);
  local.wait = () => {
    clearTimeout(timer);
    timer = setTimeout(dismiss, duration);
  };
  local.wait();
  return local.hold;
}
