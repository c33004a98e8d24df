// The quoted message of a reply; pressing it jumps there.

import { h } from '../../lib/dom.js';
import { firstLine } from '../../lib/text.js';

/**
 * A preview of the quoted message.
 * @param {Message|undefined} message undefined if it is not loaded
 * @param {string} name of the sender
 * @param {string|null} tab its tabindex
 * @param {() => void} jump goes there
 */
export function quote(message, name, tab, jump) {
  return h('button', { type: 'button', class: 'quote', tabindex: tab, onclick: jump },
    h('span', { class: 'visually-hidden' }, 'In reply to '),
    message && h('span', { class: 'quote-name ellipsis', dir: 'auto' }, name),
    h('span', { class: ['quote-text ellipsis', message?.deleted && 'muted'], dir: 'auto' }, preview(message)));
}

/** A message in one line. @param {Message|undefined} message */
export function preview(message) {
  if (!message) return 'Original message';
  return message.deleted ? 'Message deleted' : firstLine(message.text);
}
