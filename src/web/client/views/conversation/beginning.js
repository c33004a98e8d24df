// What stands above the first message: that more is coming, or that this is where it all began and what to do next.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { titleOf } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';

/** The row above all others. */
export function beginning({ state, session, readOnly }, act) {
  if (!session.span || !session.span.first) return h('p', { key: 'older', class: 'loading', role: 'status' }, 'Loading…');
  const title = titleOf(session, state);
  const quiet = session.span.messages.every((message) => message.kind === 'notice');
  return h('div', { key: 'beginning', class: 'beginning' },
    sessionAvatar(session, state, { size: 'large' }),
    h('p', { class: 'muted' }, 'This is where the conversation begins.'),
    quiet && !readOnly && h('p', { class: 'hello' }, session.kind === 'direct' ? ['Say hello to ', h('bdi', null, title), '.'] : 'Write the first message.'),
    session.kind === 'room' && session.code && session.member_count === 1 && lonely(session, act));
}

/** In a room without anybody else: how others come in. */
function lonely({ code }, act) {
  const shown = code.match(/.{1,4}/gu).join(' ');
  return h('section', { class: 'lonely', 'aria-label': 'Room code' },
    h('p', null, 'Nobody else is here yet. Give others this code, or the link:'),
    h('p', { class: 'code', translate: 'no' }, shown),
    h('div', { class: 'row' },
      h('button', { type: 'button', class: 'button', onclick: () => act.copy(code, 'Code copied.') }, icon('copy'), 'Copy code'),
      h('button', { type: 'button', class: 'button', onclick: () => act.copy(new URL(`/room/${code}`, location.href).href, 'Link copied.') }, icon('link'), 'Copy link')));
}
