// The row above the first message: more is loading, or the beginning of the conversation and what to do next.

import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { titleOf } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';
import { code } from '../panel/code.js';

/** @param {Conversation} conversation @param {Actions} act */
export function beginning({ state, session, readOnly }, act) {
  if (!session.span || !session.span.first) return h('p', { key: 'older', class: 'loading', role: 'status' }, 'Loading…');
  const title = titleOf(session, state);
  const quiet = session.span.messages.every((message) => message.kind === 'notice');
  return h('div', { key: 'beginning', class: 'beginning' },
    sessionAvatar(session, state, { size: 'large' }),
    h('p', { class: 'muted' }, 'This is the beginning of the conversation.'),
    quiet && !readOnly && h('p', { class: 'hello' }, session.kind === 'direct' ? ['Say hello to ', bdi(title), '.'] : 'Write the first message.'),
    session.member_count === 1 && LONELY[session.kind]?.(session, act));
}

/** The only member sees how to add others. @type {Fields} */
const LONELY = {
  __proto__: null,
  /** @param {Session} session @param {Actions} act */
  room: (session, act) => session.code && h('section', { class: 'lonely', 'aria-label': 'Room code' },
    h('p', null, 'No one else is here yet. Share this code or link.'),
    code(session, act)),
  /** @param {{id: string}} item @param {Actions} act */
  group: ({ id }, act) => h('section', { class: 'lonely', 'aria-label': 'Invite people' },
    h('p', null, 'No one else is here yet.'),
    button('Invite people', () => act.openDialog({ name: 'add', session: id }), { icon: 'invite' })),
};
