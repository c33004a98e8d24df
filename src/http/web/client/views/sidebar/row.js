// A conversation in the list: avatar, title, last message, time, and unread count.
//
// A row is rendered again only when its inputs change, so that hundreds of them cost nothing while typing.

import { bdi, h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { memo } from '../../lib/memo.js';
import { href } from '../../lib/route.js';
import { shortTime } from '../../lib/time.js';
import { adderOf, nameOf, otherOf, titleOf, typists } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { timeTag } from '../time-tag.js';
import { capped } from './tabs.js';

/** @type {Fields} */
const KINDS = { __proto__: null, group: ['people', 'Group'], room: ['room', 'Room'], lobby: ['chat', 'Lobby'] };

/** Characters of a name before the last message. */
const NAME = 12;

/** Per session object; a changed session starts anew. */
const drawings = new WeakMap();

/**
 * A row of the list. `today`: start of the day; `stop`: whether it is the tab stop.
 * @param {Session} session
 * @param {State} state
 * @param {number} today
 * @param {boolean} stop
 */
export function row(session, state, today, stop) {
  if (!drawings.has(session)) drawings.set(session, memo(draw));
  const other = otherOf(session, state);
  const { route } = state.view;
  return drawings.get(session)(
    session,
    titleOf(session, state),
    other?.user,
    other?.status === 'online',
    route.name === 'session' && route.id === session.id,
    state.drafts[session.id],
    state.outbox[session.id]?.at(-1),
    Boolean(state.outbox[session.id]) && state.link.status === 'up',
    typists(session, state).join('\n'),
    authorOf(session, state),
    today,
    stop,
  );
}

/**
 * @param {Session} session
 * @param {string} title
 * @param {User|undefined} other
 * @param {boolean} online
 * @param {boolean} chosen
 * @param {Draft|undefined} draft
 * @param {Pending|undefined} pending
 * @param {boolean} up
 * @param {string} typing names, one a line
 * @param {string} author
 * @param {number} today
 * @param {boolean} stop
 */
function draw(session, title, other, online, chosen, draft, pending, up, typing, author, today, stop) {
  const { id, kind, unread, last_message: last } = session;
  const [picture, kindName] = KINDS[kind] ?? [];
  const at = pending?.at ?? last?.at ?? session.created_at;
  return h('li', { key: id, class: ['chat', unread > 0 && 'unread', chosen && 'chosen'] },
    avatar(title, { seed: kind === 'direct' ? other?.username : id, kind, online, deleted: other?.deleted }),
    h('div', { class: 'chat-text' },
      h('div', { class: 'row' },
        kindName && h('span', { class: 'chat-kind', title: kindName }, icon(picture)),
        // The link covers the whole row: see the styles.
        h('a', {
          class: 'chat-link ellipsis', dir: 'auto', href: href({ name: 'session', id }), data: { session: id }, tabindex: stop ? null : '-1', 'aria-current': chosen ? 'page' : null,
          'aria-label': unread ? `${title}, ${unread} unread` : null, 'aria-describedby': `chat-${id}`,
        }, title),
        timeTag(at, shortTime(at, today), 'chat-time')),
      h('div', { class: 'row' },
        h('p', { class: 'chat-last ellipsis', dir: 'auto', id: `chat-${id}` }, preview(session, { draft, pending, up, typing, author }, chosen)),
        unread > 0 && h('span', { class: 'badge', 'aria-hidden': true }, capped(unread)))));
}

/** The most important information, in this order. @param {Session} session @param {Fields} options @param {boolean} chosen */
function preview({ last_message: last }, { draft, pending, up, typing, author }, chosen) {
  if (typing) return writing(typing.split('\n'));
  if (pending?.status === 'failed') return [h('span', { class: 'chat-failed' }, 'Not sent: '), pending.text];
  // The draft of the open conversation is in the composer.
  if (draft?.text && !chosen) return [h('span', { class: 'chat-draft' }, 'Draft: '), draft.text];
  if (pending) return [h('span', { class: 'chat-pending' }, up ? 'Sending… ' : 'Waiting to be sent: '), pending.text];
  if (!last) return h('i', { dir: 'ltr' }, author ? [bdi(author), ' added you'] : 'No messages yet');
  if (last.deleted) return h('i', null, 'Message deleted');
  if (last.kind === 'notice') return h('i', { dir: 'ltr' }, last.text);
  return [author && [bdi(author), ': '], last.text];
}

/** The sender of the last message, if it is not obvious. @param {Session} session @param {State} state */
function authorOf(session, state) {
  const { kind, last_message: last } = session;
  const adder = !last && adderOf(session);
  if (adder) return nameOf(adder.username, state);
  if (!last || last.kind !== 'text' || last.deleted) return '';
  if (last.sender === state.me.id) return 'You';
  return kind === 'direct' ? '' : firstName(nameOf(last.username, state));
}

/** A short form of a name that leaves room for the message. @param {string} name */
function firstName(name) {
  const [first] = name.trim().split(/\s/, 1);
  const letters = [...first];
  return letters.length > NAME ? `${letters.slice(0, NAME).join('')}…` : first;
}

/** With an explicit direction, or a right-to-left name would turn the whole line. @param {string[]} names */
function writing(names) {
  return h('span', { class: 'chat-typing', dir: 'ltr' }, names.length === 1 ? [bdi(names[0]), ' is typing…'] : `${names.length} people are typing…`);
}
