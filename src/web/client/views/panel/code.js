// A room's code, large enough to be read out to somebody, and the ways to hand it on.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';

/** The code with its buttons; `more` stand beside them. */
export function code(session, act, ...more) {
  const link = `${location.origin}/room/${session.code}`;
  const button = (label, picture, text, saying) => h('button', {
    type: 'button', class: 'button', onclick: () => act.copy(text, saying),
  }, icon(picture), label);
  return h('div', { class: 'stack' },
    h('p', { class: 'room-code' }, session.code),
    h('div', { class: 'code-actions' },
      button('Copy code', 'copy', session.code, 'The code is copied.'),
      button('Copy link', 'link', link, 'The link is copied.'),
      more));
}
