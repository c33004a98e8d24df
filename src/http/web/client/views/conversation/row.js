// One row of the timeline on the page. A message is an `article`; what can be pressed inside is a tab stop only in the
// message where the focus is (see timeline.js), so that the whole list is one.

import { h } from '../../lib/dom.js';
import { rescueFocus } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { clock, dayName, moment } from '../../lib/time.js';
import { avatar } from '../avatar.js';
import { closeMenu, openMenu } from '../menu.js';
import { onlyEmoji } from '../../lib/prose.js';
import { isMe, prose } from './prose.js';
import { quote } from './quote.js';
import { reactions } from './reactions.js';
import { pendingStatus, status } from './status.js';

/** A line across: a day, a notice, where the new messages begin. @param {any} row @param {number} now */
export function line(row, now) {
  if (row.kind === 'line') return h('div', { key: row.key, class: 'new-line', role: 'separator', 'aria-label': 'New messages' }, h('span', null, 'New messages'));
  if (row.kind === 'notice') return h('p', { key: row.key, class: 'notice', dir: 'ltr', title: moment(row.message.at), data: { seq: row.message.seq } }, row.message.text);
  const day = dayName(row.at, now);
  return h('div', { key: row.key, class: 'day', role: 'separator', 'aria-label': day, title: moment(row.at) }, h('span', null, day));
}

/**
 * A message.
 * @param {Fields & {message: Message}} row a `Row` of rows.js
 * @param {Fields} look `{current, tab, found, unfolded, withNames, name, seed, gone, quoted, quotedName, mayReact}`: what of
 *   the timeline bears on this row; `tab` is the tabindex of what can be pressed in it
 * @param {Fields} talk what can be done: see actions.js
 */
export function message(row, look, talk) {
  const { message: said, own, first } = row;
  const mentioned = said.mentions?.some((name) => isMe(name, talk.me)) && !own;
  return article(row, look, talk, said.seq, [
    said.deleted ? tombstone(said) : h('div', { class: 'line' }, bubble(said, row, look, talk), tools(said, look, talk)),
    !said.deleted && reactions(said, { me: talk.me, nameOf: talk.nameOf, tab: look.tab, react: (emoji, on) => talk.react(said, emoji, on) }),
    row.status && status(row.status, !row.newest),
  ], [first && 'first', own && 'own', mentioned && 'mentions-me', said.deleted && 'deleted']);
}

/** A message that is not kept yet. @param {any} row @param {Fields} look @param {any} talk */
export function pending(row, look, talk) {
  const { pending: waiting } = row;
  return article(row, look, null, null, [
    h('div', { class: 'line' }, bubble(waiting, row, look, talk)),
    pendingStatus(waiting, look.up, talk.act),
  ], ['own', row.first && 'first', waiting.status === 'failed' && 'failed'], toMessage);
}

/** A pending message that is sent becomes another row: the focus goes with it. @param {any} element */
function toMessage(element) {
  const log = element.closest('.log');
  if (element.contains(document.activeElement)) rescueFocus(() => log?.querySelector('article[tabindex="0"]'));
}

/**
 * @param {any} row
 * @param {Fields} look
 * @param {any} talk
 * @param {number|null} seq
 * @param {any[]} children
 * @param {any[]} classes
 * @param {(element: any) => void} [unmount]
 */
function article(row, look, talk, seq, children, classes, unmount) {
  const named = look.withNames && !row.own;
  const opens = talk && !look.gone;
  return h('article', {
    key: row.key, class: ['message', named && 'named', look.found && 'found', ...classes], tabindex: look.current ? '0' : '-1',
    'aria-label': `${look.name}, ${clock(row.at)}`, data: { seq, row: row.key }, unmount,
  },
    // By keyboard the profile is in the message's menu.
    named && row.first && h('div', { class: ['by', opens && 'pressable'], 'aria-hidden': 'true', onclick: opens && (() => talk.profile(row.message)) },
      avatar(look.name, { size: 'small', seed: look.seed, deleted: look.gone }),
      h('div', { class: 'sender ellipsis' }, h('bdi', null, look.name))),
    children);
}

/** @param {any} said @param {any} row @param {Fields} look @param {any} talk */
function bubble(said, row, look, talk) {
  const bare = !said.reply_to && onlyEmoji(said.text);
  return h('div', { class: ['bubble', bare && 'bare'] },
    said.reply_to && quote(look.quoted, look.quotedName, look.tab, () => talk.jump(said.reply_to)),
    h('div', { class: 'content', dir: 'auto' },
      prose(said.text, { mentions: said.mentions, me: talk.me, tab: look.tab, unfolded: look.unfolded, toggle: () => talk.toggle(row.key) }),
      meta(said)));
}

/** @param {any} said @param {Fields} look @param {any} talk */
function tools(said, look, talk) {
  return h('div', { class: 'tools' },
    look.mayReact && tool('React', 'smile', look, { class: 'icon-button quick', onclick: ({ currentTarget }) => talk.pick(said, currentTarget) }),
    tool('Message actions', 'more', look, {
      class: 'icon-button actions', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
      onclick: ({ currentTarget }) => toggleMenu(currentTarget, talk.menu(said, currentTarget)),
    }));
}

/** @param {string} label @param {string} picture @param {Fields} look @param {Props} props */
function tool(label, picture, look, props) {
  return h('button', { type: 'button', 'aria-label': label, title: label, tabindex: look.tab, ...props }, icon(picture));
}

/** Opens the menu of a message at its button, or closes it. @param {any} button @param {any[]} items */
export function toggleMenu(button, items) {
  if (button.getAttribute('aria-expanded') === 'true') closeMenu();
  else openMenu(button, { label: 'Message actions', items });
}

/** @param {Fields} options */
function meta({ at, edited_at: edited }) {
  // The space keeps text and time apart where no style does.
  return h('span', { class: 'meta' }, ' ',
    edited && h('span', { title: `Edited ${moment(edited)}` }, 'edited'),
    h('time', { datetime: new Date(at).toISOString(), title: moment(at) }, clock(at)));
}

/** @param {any} said */
function tombstone(said) {
  return h('div', { class: 'line' }, h('div', { class: 'bubble' }, h('div', { class: 'content' }, h('span', { class: 'text' }, 'Message deleted'), meta({ at: said.at }))));
}
