// A room's code, large enough to be read out to somebody, and the ways to hand it on.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';

/** The code with its buttons; `more` stand beside them. @param {{code?: any}} session @param {Actions} act @param {...any} more */
export function code(session, act, ...more) {
  const link = `${location.origin}/room/${session.code}`;
  /** @param {string} label @param {string} picture @param {string} text @param {string} saying */
  const button = (label, picture, text, saying) => h('button', {
    type: 'button', class: 'button', onclick: () => act.copy(text, saying),
  }, icon(picture), label);
  return h('div', { class: 'stack' },
    // In groups, as it is easier read out; spaces do not matter where it is typed.
    h('p', { class: 'room-code', translate: 'no' }, session.code.match(/.{1,4}/gu).join(' ')),
    h('div', { class: 'code-actions' },
      button('Copy code', 'copy', session.code, 'Code copied.'),
      button('Copy link', 'link', link, 'Link copied.'),
      more));
}
