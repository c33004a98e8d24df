// Reactions below a message: each is a button with a count and names that toggles one's own.

import { h } from '../../lib/dom.js';
import { isMe } from './text.js';

/** Names that are listed; the rest are counted. */
const NAMED = 10;

/**
 * The reactions of a message, or null.
 * @param {Message} message
 * @param {{me: Me, tab: string|null, nameOf: (username: string) => string, react: (emoji: string, on: boolean) => void}} options
 */
export function reactions(message, { me, nameOf, tab, react }) {
  const entries = Object.entries(message.reactions ?? {}).filter(([, names]) => names.length > 0);
  if (entries.length === 0) return null;
  return h('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions' }, entries.map(([emoji, names]) => {
    const mine = names.some((name) => isMe(name, me));
    const title = `${emoji} ${names.length}, ${listed(names.map((name) => (isMe(name, me) ? 'you' : nameOf(name))))}`;
    return h('button', {
      key: emoji, type: 'button', class: 'reaction', tabindex: tab, 'aria-pressed': String(mine), 'aria-label': title, title,
      onclick: () => react(emoji, !mine),
    }, h('span', { class: 'emoji' }, emoji), ' ', h('span', { class: 'count' }, names.length));
  }));
}

/** @param {string[]} names */
function listed(names) {
  const shown = names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names;
  return shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
