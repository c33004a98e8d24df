// The rows of the timeline. A message is an `article`; its buttons are tab stops only in the current message (see timeline.js),
// so that the list is one stop.

import { iconButton } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { rescueFocus } from '../../lib/focus.js';
import { clock, dayName, moment } from '../../lib/time.js';
import { timeTag } from '../time-tag.js';
import { avatar } from '../avatar.js';
import { closeMenu, openMenu } from '../menu.js';
import { onlyEmoji } from '../../lib/text.js';
import { isMe, messageText } from './text.js';
import { quote } from './quote.js';
import { reactions } from './reactions.js';
import { pendingStatus, status } from './status.js';

/** A separator (a day, the first new message) or a notice. @param {any} row @param {number} now */
export function line(row, now) {
  if (row.kind === 'line') return h('div', { key: row.key, class: 'new-line', role: 'separator', 'aria-label': 'New messages' }, h('span', null, 'New messages'));
  if (row.kind === 'notice') return h('p', { key: row.key, class: 'notice', dir: 'ltr', title: moment(row.message.at), data: { seq: row.message.seq } }, row.message.text);
  const day = dayName(row.at, now);
  return h('div', { key: row.key, class: 'day', role: 'separator', 'aria-label': day, title: moment(row.at) }, h('span', null, day));
}

/**
 * A message.
 * @param {Fields & {message: Message}} row a `Row` of rows.js
 * @param {Fields} look `{current, tab, found, unfolded, withNames, name, seed, gone, quoted, quotedName, mayReact}`: the state of
 *   the timeline that affects this row; `tab` is the tabindex of its buttons
 * @param {Fields} actions see actions.js
 */
export function message(row, look, actions) {
  const { message: item, own, first } = row;
  const mentioned = item.mentions?.some((name) => isMe(name, actions.me)) && !own;
  return article(row, look, actions, item.seq, [
    item.deleted ? tombstone(item) : h('div', { class: 'line' }, bubble(item, row, look, actions), tools(item, look, actions)),
    !item.deleted && reactions(item, { me: actions.me, nameOf: actions.nameOf, tab: look.tab, react: (emoji, on) => actions.react(item, emoji, on) }),
    row.status && status(row.status, !row.newest),
  ], [first && 'first', own && 'own', mentioned && 'mentions-me', item.deleted && 'deleted']);
}

/** A message that is not stored yet. @param {any} row @param {Fields} look @param {any} actions */
export function pending(row, look, actions) {
  const { pending: waiting } = row;
  return article(row, look, null, null, [
    h('div', { class: 'line' }, bubble(waiting, row, look, actions)),
    pendingStatus(waiting, look.up, actions.act),
  ], ['own', row.first && 'first', waiting.status === 'failed' && 'failed'], toMessage);
}

/** A sent message becomes another row, which takes the focus. @param {any} element */
function toMessage(element) {
  const log = element.closest('.log');
  if (element.contains(document.activeElement)) rescueFocus(() => log?.querySelector('article[tabindex="0"]'));
}

/**
 * @param {any} row
 * @param {Fields} look
 * @param {any} actions
 * @param {number|null} seq
 * @param {any[]} children
 * @param {any[]} classes
 * @param {(element: any) => void} [unmount]
 */
function article(row, look, actions, seq, children, classes, unmount) {
  const named = look.withNames && !row.own;
  const opens = actions && !look.gone;
  return h('article', {
    key: row.key, class: ['message', named && 'named', look.found && 'found', ...classes], tabindex: look.current ? '0' : '-1',
    'aria-label': `${look.name}, ${clock(row.at)}`, data: { seq, row: row.key }, unmount,
  },
    // For the keyboard the profile is in the message's menu.
    named && row.first && h('div', { class: ['by', opens && 'pressable'], 'aria-hidden': true, onclick: opens && (() => actions.profile(row.message)) },
      avatar(look.name, { size: 'small', seed: look.seed, deleted: look.gone }),
      h('div', { class: 'sender ellipsis' }, bdi(look.name))),
    children);
}

/** @param {any} item @param {any} row @param {Fields} look @param {any} actions */
function bubble(item, row, look, actions) {
  const bare = !item.reply_to && onlyEmoji(item.text);
  return h('div', { class: ['bubble', bare && 'bare'] },
    item.reply_to && quote(look.quoted, look.quotedName, look.tab, () => actions.jump(item.reply_to)),
    h('div', { class: 'content', dir: 'auto' },
      messageText(item.text, { mentions: item.mentions, me: actions.me, tab: look.tab, unfolded: look.unfolded, toggle: () => actions.toggle(row.key) }),
      meta(item)));
}

/** @param {any} item @param {Fields} look @param {any} actions */
function tools(item, look, actions) {
  return h('div', { class: 'tools' },
    look.mayReact && iconButton('React', 'smile', ({ currentTarget }) => actions.pick(item, currentTarget), { class: 'icon-button quick', tabindex: look.tab }),
    iconButton('Message actions', 'more', ({ currentTarget }) => toggleMenu(currentTarget, actions.menu(item, currentTarget)), {
      class: 'icon-button actions', tabindex: look.tab, 'aria-haspopup': 'menu', 'aria-expanded': 'false',
    }));
}

/** Opens or closes the menu of a message at its button. @param {any} button @param {any[]} items */
export function toggleMenu(button, items) {
  if (button.getAttribute('aria-expanded') === 'true') closeMenu();
  else openMenu(button, { label: 'Message actions', items });
}

/** @param {Fields} options */
function meta({ at, edited_at: edited }) {
  // The space separates text and time where there are no styles.
  return h('span', { class: 'meta' }, ' ',
    edited && h('span', { title: `Edited ${moment(edited)}` }, 'edited'),
    timeTag(at, clock(at)));
}

/** @param {any} item */
function tombstone(item) {
  return h('div', { class: 'line' }, h('div', { class: 'bubble' }, h('div', { class: 'content' }, h('span', { class: 'text' }, 'Message deleted'), meta({ at: item.at }))));
}
