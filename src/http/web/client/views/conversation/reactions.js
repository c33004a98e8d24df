// Reactions below a message: each a button that says how many and who, and adds or takes away one's own.

import { h } from '../../lib/dom.js';
import { isMe } from './prose.js';

/** How many names are said; the rest are counted. */
const NAMED = 10;

/**
 * The reactions of a message, or nothing where there are none.
 * @param {Message} message
 * @param {{me: Me, tab: string|null, nameOf: (username: string) => string, react: (emoji: string, on: boolean) => void}} options
 */
export function reactions(message, { me, nameOf, tab, react }) {
  const entries = Object.entries(message.reactions ?? {}).filter(([, names]) => names.length > 0);
  if (entries.length === 0) return null;
  return h('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions' }, entries.map(([emoji, names]) => {
    const mine = names.some((name) => isMe(name, me));
    const said = `${emoji} ${names.length}, ${inWords(names.map((name) => (isMe(name, me) ? 'you' : nameOf(name))))}`;
    return h('button', {
      key: emoji, type: 'button', class: 'reaction', tabindex: tab, 'aria-pressed': String(mine), 'aria-label': said, title: said,
      onclick: () => react(emoji, !mine),
    }, h('span', { class: 'emoji' }, emoji), ' ', h('span', { class: 'count' }, names.length));
  }));
}

/** @param {string[]} names */
function inWords(names) {
  const said = names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names;
  return said.length === 1 ? said[0] : `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`;
}
