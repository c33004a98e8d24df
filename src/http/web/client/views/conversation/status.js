// What became of a message of one's own: a picture and a word; and for one that could not be sent, why and what to do.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { inWords } from '../../lib/words.js';

/** @type {Fields} */
const PICTURES = { __proto__: null, 'Sending…': 'clock', 'Waiting to be sent': 'clock', Sent: 'check', 'Not sent': 'warning' };

/** @param {string} word "Sent", "Read", "Read by 3" @param {boolean} [brief] only the picture is seen, as for older messages */
export function status(word, brief = false) {
  return h('div', { class: 'status', title: brief ? word : null }, icon(PICTURES[word] ?? 'checks'), h('span', { class: [brief && 'visually-hidden'] }, word));
}

/**
 * Of a message that is not stored yet; `up`: whether there is a connection over which it is being sent.
 * @param {any} pending
 * @param {boolean} up
 * @param {Actions} act
 */
export function pendingStatus(pending, up, act) {
  if (pending.status !== 'failed') return status(up ? 'Sending…' : 'Waiting to be sent');
  /** @param {string} type */
  const press = (type) => () => {
    // The buttons go; the focus is not to go with them.
    document.getElementById('composer')?.focus();
    act.dispatch({ type, key: pending.key });
  };
  return h('div', { class: 'status failed', role: 'alert' },
    h('span', { class: 'row' }, icon('warning'), h('span', null, 'Not sent')),
    pending.error && h('span', { class: 'reason' }, inWords(pending.error)),
    h('span', { class: 'row' },
      h('button', { type: 'button', class: 'text-button', onclick: press('retry') }, 'Try again'),
      h('button', { type: 'button', class: 'text-button', onclick: press('discard') }, 'Discard')));
}
