// What became of a message of one's own: a picture and a word; and for one that could not be sent, why and what to do.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { inWords } from '../../lib/words.js';

const PICTURES = { 'Sending…': 'clock', Sent: 'check', 'Not sent': 'warning' };

/** @param {string} word "Sent", "Read", "Read by 3" */
export function status(word) {
  return h('div', { class: 'status' }, icon(PICTURES[word] ?? 'checks'), h('span', null, word));
}

/** Of a message that the server has not kept yet. */
export function pendingStatus(pending, act) {
  if (pending.status !== 'failed') return status('Sending…');
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
