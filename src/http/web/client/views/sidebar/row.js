// One conversation in the list: who or what it is, the last thing said, when, and how much is unread.
//
// Rows are drawn anew only when what they show changes, so that hundreds of them cost nothing while one types.

import { h, memo } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { href } from '../../lib/route.js';
import { moment, shortTime } from '../../lib/time.js';
import { adderOf, nameOf, otherOf, titleOf, typists } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { capped } from './tabs.js';

/** @type {Fields} */
const KINDS = { __proto__: null, group: ['people', 'Group'], room: ['door', 'Room'], lobby: ['chat', 'Lobby'] };

/** Letters of a name before what was said. */
const NAME = 12;

/** Per session object; the next object of the same session begins anew. */
const drawings = new WeakMap();

/**
 * A row of the list. `today`: when the day began; `stop`: Tab leads here.
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
    typists(session, state).length,
    typists(session, state)[0],
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
 * @param {number} typing
 * @param {string} typist
 * @param {string} author
 * @param {number} today
 * @param {boolean} stop
 */
function draw(session, title, other, online, chosen, draft, pending, up, typing, typist, author, today, stop) {
  const { id, kind, unread, last_message: last } = session;
  const [picture, word] = KINDS[kind] ?? [];
  const at = pending?.at ?? last?.at ?? session.created_at;
  return h('li', { key: id, class: ['chat', unread > 0 && 'unread', chosen && 'chosen'] },
    avatar(title, { seed: kind === 'direct' ? other?.username : id, kind, online, deleted: other?.deleted }),
    h('div', { class: 'chat-words' },
      h('div', { class: 'row' },
        word && h('span', { class: 'chat-kind', title: word }, icon(picture)),
        // The whole row is the link's: see the styles.
        h('a', {
          class: 'chat-link ellipsis', dir: 'auto', href: href({ name: 'session', id }), data: { session: id }, tabindex: stop ? null : '-1', 'aria-current': chosen ? 'page' : null,
          'aria-label': unread ? `${title}, ${unread} unread` : null, 'aria-describedby': `chat-${id}`,
        }, title),
        h('time', { class: 'chat-time', datetime: new Date(at).toISOString(), title: moment(at) }, shortTime(at, today))),
      h('div', { class: 'row' },
        h('p', { class: 'chat-last ellipsis', dir: 'auto', id: `chat-${id}` }, preview(session, { draft, pending, up, typing, typist, author }, chosen)),
        unread > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, capped(unread)))));
}

/** What is most worth knowing, in this order. @param {Session} session @param {Fields} options @param {boolean} chosen */
function preview({ last_message: last }, { draft, pending, up, typing, typist, author }, chosen) {
  if (typing) return writing(typing, typist);
  if (pending?.status === 'failed') return [h('span', { class: 'chat-failed' }, 'Not sent: '), pending.text];
  // The draft of the open conversation stands in its own field.
  if (draft?.text && !chosen) return [h('span', { class: 'chat-draft' }, 'Draft: '), draft.text];
  if (pending) return [h('span', { class: 'chat-pending' }, up ? 'Sending… ' : 'Waiting to be sent: '), pending.text];
  if (!last) return h('i', { dir: 'ltr' }, author ? [h('bdi', null, author), ' added you'] : 'No messages yet');
  if (last.deleted) return h('i', null, 'Message deleted');
  if (last.kind === 'notice') return h('i', { dir: 'ltr' }, last.text);
  return [author && [h('bdi', null, author), ': '], last.text];
}

/** Who said the last thing, where that is not plain. @param {Session} session @param {State} state */
function authorOf(session, state) {
  const { kind, last_message: last } = session;
  const adder = !last && adderOf(session);
  if (adder) return nameOf(adder.username, state);
  if (!last || last.kind !== 'text' || last.deleted) return '';
  if (last.sender === state.me.id) return 'You';
  return kind === 'direct' ? '' : firstName(nameOf(last.username, state));
}

/** Enough of a name to know who it is, and little enough to leave room for what they said. @param {string} name */
function firstName(name) {
  const [first] = name.trim().split(/\s/, 1);
  const letters = [...first];
  return letters.length > NAME ? `${letters.slice(0, NAME).join('')}…` : first;
}

/** The direction is said, or a name from right to left would turn the whole line. @param {number} count @param {string} name */
function writing(count, name) {
  return h('span', { class: 'chat-typing', dir: 'ltr' }, count === 1 ? [h('bdi', null, name), ' is typing…'] : `${count} people are typing…`);
}
