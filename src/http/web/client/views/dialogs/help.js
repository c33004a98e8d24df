// Keyboard shortcuts.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { frame } from './frame.js';

/** @type {[string, string[][]][]} */
const KEYS = [
  ['Anywhere', [
    ['?', 'Show this help'],
    ['Esc', 'Close the open dialog or menu'],
    ['Tab', 'Move to the next part of the page'],
  ]],
  ['Conversations', [
    ['↑ ↓', 'Move through the list'],
    ['Enter', 'Open the conversation'],
  ]],
  ['Messages', [
    ['↑ ↓', 'Move between messages'],
    ['Enter', 'Open the menu of the message'],
    ['R', 'Reply'],
    ['E', 'Edit your message'],
    ['Delete', 'Delete your message'],
    ['Esc', 'Return to the message field'],
  ]],
  ['Writing', [
    ['Enter', 'Send'],
    ['Shift + Enter', 'New line'],
    ['↑', 'Edit your last message (when the field is empty)'],
    ['@', 'Mention someone'],
  ]],
];

/** @param {State} state @param {Actions} act */
export function help(state, act) {
  return frame(act, { title: 'Keyboard shortcuts' },
    KEYS.map(([where, keys]) => h('section', { class: 'keys' },
      h('h3', null, where),
      h('dl', null, keys.map(([key, what]) => h('div', null,
        h('dt', null, h('kbd', null, key)),
        h('dd', null, what)))))),
    h('div', { class: 'dialog-actions' }, button('Close', act.closeDialog)));
}
