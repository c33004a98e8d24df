// What a message answers, in short: who said it and how it began. Pressed, it leads there.

import { h } from '../../lib/dom.js';
import { firstLine } from '../../lib/prose.js';

/**
 * A preview of the message that is answered.
 * @param {Message|undefined} message undefined where it is too far back to be known
 * @param {string} name who wrote it
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
