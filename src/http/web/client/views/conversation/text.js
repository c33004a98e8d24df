// A message's text on the page: links, mentions, large emoji, and folding of long texts.

import { h } from '../../lib/dom.js';
import { fold, onlyEmoji, pieces } from '../../lib/text.js';

/**
 * The text of a message.
 * @param {string} text
 * @param {{mentions?: string[], me: Me, tab: string|null, unfolded?: boolean, toggle: () => void}} options `toggle` unfolds or
 *   folds it
 */
export function messageText(text, { mentions, me, tab, unfolded, toggle }) {
  if (onlyEmoji(text)) return h('span', { class: 'text emoji' }, text);
  const head = fold(text);
  const folded = head !== text && !unfolded;
  return [
    h('span', { class: 'text' }, pieces(folded ? head : text, mentions).map((piece) => shown(piece, me, tab)), folded && '…'),
    head !== text && h('button', { type: 'button', class: 'unfold', tabindex: tab, 'aria-expanded': String(!folded), onclick: toggle },
      folded ? 'Show more' : 'Show less'),
  ];
}

/** @param {any} piece @param {Me} me @param {string|null} tab */
function shown(piece, me, tab) {
  if (piece.href) return h('a', { href: piece.href, target: '_blank', rel: 'noopener noreferrer', tabindex: tab }, piece.text);
  if (piece.name) return h('span', { class: ['mention', isMe(piece.name, me) && 'me'] }, piece.text);
  return piece.text;
}

/** Whether a username is mine, in any spelling. @param {string} name @param {Me} me */
export function isMe(name, me) {
  return name.toLowerCase() === me.username.toLowerCase();
}
