// The layouts of the sections of the account dialog.

import { bdi, h } from '../../lib/dom.js';
import { avatar } from '../avatar.js';

/** A user's avatar, names and kind, above everything else. @param {User} user @param {boolean} online @param {Props|null} props @param {...any} more */
export function personHead(user, online, props, ...more) {
  return h('div', { class: 'account-head', ...props },
    avatar(user.display_name, { size: 'large', seed: user.username, online }),
    h('div', { class: 'grow' },
      h('p', { class: 'account-name' }, bdi(user.display_name)),
      h('p', { class: 'muted' }, bdi(`@${user.username}`), user.kind === 'guest' && [' ', h('span', { class: 'tag' }, 'guest')]),
      more));
}

/** A section with a heading. @param {string} key @param {string} title @param {...any} children */
export function section(key, title, ...children) {
  return h('section', { key, class: 'account-section' }, h('h3', { tabindex: '-1' }, title), children);
}

/** A rarely used section, collapsed at first. @param {string} key @param {string} title @param {...any} children */
export function folded(key, title, ...children) {
  return h('details', { key, class: 'account-section folded' }, h('summary', null, title), h('div', { class: 'folded-body' }, children));
}

/** Focuses the heading of the section around an element that is about to be removed. @param {any} element */
export function toHeading(element) {
  element.closest('section')?.querySelector('h3')?.focus();
}
