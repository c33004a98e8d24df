// Mentions: behind an "@" the composer offers the members whose names begin so. The composer keeps the focus;
// `aria-activedescendant` names the active option.

import { boundedRows } from '../../lib/boundary.js';
import { bdi, h } from '../../lib/dom.js';
import { avatar } from '../avatar.js';

/** Options at once. */
const OFFERED = 6;

/**
 * The partial name before the caret.
 * @param {string} text
 * @param {number} caret
 * @returns {{at: number, query: string}|null} `at` is where the "@" stands
 */
export function mentionAt(text, caret) {
  const match = /(?:^|[^\p{L}\p{N}@])@([a-z0-9_.-]{0,32})$/iu.exec(text.slice(0, caret));
  return match && { at: caret - match[1].length - 1, query: match[1].toLowerCase() };
}

/**
 * The users that match a partial name: by username, or by a part of the display name.
 * @param {User[]} users
 * @param {string} query
 */
export function fitting(users, query) {
  /** @param {User} user */
  const fits = ({ username, display_name: name }) => [username, ...name.split(/\s+/u)].some((part) => part.toLowerCase().startsWith(query));
  return users.filter(fits).slice(0, OFFERED);
}

/**
 * The text with the completed mention, and the caret behind it.
 * @param {string} text
 * @param {Fields} options
 * @param {string} username
 */
export function complete(text, { at, query }, username) {
  const rest = text.slice(at + 1 + query.length);
  const name = `@${username}${rest.startsWith(' ') ? '' : ' '}`;
  return { text: text.slice(0, at) + name + rest, caret: at + name.length + (rest.startsWith(' ') ? 1 : 0) };
}

/** An option's id, for `aria-activedescendant`. @param {number} i */
export const optionId = (i) => `mention-${i}`;

/** @param {User[]} users @param {number} active @param {(user: User) => void} choose */
export function listbox(users, active, choose) {
  return h('ul', { class: 'mentions', id: 'mentions', role: 'listbox', 'aria-label': 'Mention someone' }, boundedRows(users, (user, i) => h('li', {
    key: user.id, id: optionId(i), class: 'mention-option', role: 'option', 'aria-selected': String(i === active),
    // The field keeps the focus.
    onmousedown: (event) => event.preventDefault(),
    onclick: () => choose(user),
  },
    avatar(user.display_name, { size: 'small', seed: user.username }),
    h('span', { class: 'ellipsis', dir: 'auto' }, user.display_name),
    h('span', { class: 'muted small ellipsis' }, bdi(`@${user.username}`)))));
}
