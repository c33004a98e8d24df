// What stands above the first message: that more is coming, or that this is where it all began and what to do next.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { titleOf } from '../../state/select.js';
import { sessionAvatar } from '../avatar.js';
import { code } from '../panel/code.js';

/** The row above all others. @param {Conversation} conversation @param {Actions} act */
export function beginning({ state, session, readOnly }, act) {
  if (!session.span || !session.span.first) return h('p', { key: 'older', class: 'loading', role: 'status' }, 'Loading…');
  const title = titleOf(session, state);
  const quiet = session.span.messages.every((message) => message.kind === 'notice');
  return h('div', { key: 'beginning', class: 'beginning' },
    sessionAvatar(session, state, { size: 'large' }),
    h('p', { class: 'muted' }, 'This is the beginning of the conversation.'),
    quiet && !readOnly && h('p', { class: 'hello' }, session.kind === 'direct' ? ['Say hello to ', h('bdi', null, title), '.'] : 'Write the first message.'),
    session.member_count === 1 && LONELY[session.kind]?.(session, act));
}

/** With nobody else there: how others come in. @type {Fields} */
const LONELY = {
  __proto__: null,
  /** @param {Session} session @param {Actions} act */
  room: (session, act) => session.code && h('section', { class: 'lonely', 'aria-label': 'Room code' },
    h('p', null, 'No one else is here yet. Share this code or link.'),
    code(session, act)),
  /** @param {{id: string}} item @param {Actions} act */
  group: ({ id }, act) => h('section', { class: 'lonely', 'aria-label': 'Invite people' },
    h('p', null, 'No one else is here yet.'),
    h('button', { type: 'button', class: 'button', onclick: () => act.dispatch({ type: 'dialog', dialog: { name: 'add', session: id } }) }, icon('invite'), 'Invite people')),
};
