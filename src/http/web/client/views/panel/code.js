// A room's code, large enough to be read out, and buttons to share it.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';

/**
 * The code with its buttons; `more` are added to them.
 * @param {{code?: any}} session
 * @param {Actions} act
 * @param {...any} more
 */
export function code(session, act, ...more) {
  const link = `${location.origin}/room/${session.code}`;
  return h('div', { class: 'stack' },
    // In groups of four; spaces are ignored in input.
    h('p', { class: 'room-code', translate: 'no' }, session.code.match(/.{1,4}/gu).join(' ')),
    h('div', { class: 'code-actions' },
      button('Copy code', () => act.copy(session.code, 'Code copied.'), { icon: 'copy' }),
      button('Copy link', () => act.copy(link, 'Link copied.'), { icon: 'link' }),
      more));
}
