// The status of an own message: an icon and a label; for one that could not be sent, the reason and what to do.

import { h } from '../../lib/dom.js';
import { focusComposer } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { errorText } from '../../lib/wording.js';

/** @type {Fields} */
const PICTURES = { __proto__: null, 'Sending…': 'clock', 'Waiting to be sent': 'clock', Sent: 'check', 'Not sent': 'warning' };

/** @param {string} label "Sent", "Read", "Read by 3" @param {boolean} [brief] only the picture is seen, as for older messages */
export function status(label, brief = false) {
  return h('div', { class: 'status', title: brief ? label : null }, icon(PICTURES[label] ?? 'checks'), h('span', { class: [brief && 'visually-hidden'] }, label));
}

/**
 * The status of a pending message; `up`: whether there is a connection.
 * @param {any} pending
 * @param {boolean} up
 * @param {Actions} act
 */
export function pendingStatus(pending, up, act) {
  if (pending.status !== 'failed') return status(up ? 'Sending…' : 'Waiting to be sent');
  /** @param {string} type */
  const press = (type) => () => {
    // The buttons are removed; the focus moves first.
    focusComposer();
    act.dispatch({ type, key: pending.key });
  };
  return h('div', { class: 'status failed', role: 'alert' },
    h('span', { class: 'row' }, icon('warning'), h('span', null, 'Not sent')),
    pending.error && h('span', { class: 'reason' }, errorText(pending.error)),
    h('span', { class: 'row' },
      h('button', { type: 'button', class: 'text-button', onclick: press('retry') }, 'Try again'),
      h('button', { type: 'button', class: 'text-button', onclick: press('discard') }, 'Discard')));
}
