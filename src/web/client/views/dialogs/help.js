// The keys that do something, for those who don't use a mouse.

import { h } from '../../lib/dom.js';
import { close, frame } from './frame.js';

const KEYS = [
  ['Anywhere', [
    ['?', 'Show this help'],
    ['Esc', 'Close what is open'],
    ['Tab', 'Go to the next part of the page'],
  ]],
  ['Conversations', [
    ['↑ ↓', 'Go through the list'],
    ['Enter', 'Open the conversation'],
  ]],
  ['Messages', [
    ['↑ ↓', 'Go from message to message'],
    ['Enter', 'What can be done with the message'],
    ['R', 'Reply'],
    ['E', 'Edit a message of yours'],
    ['Delete', 'Delete a message of yours'],
    ['Esc', 'Back to writing'],
  ]],
  ['Writing', [
    ['Enter', 'Send'],
    ['Shift + Enter', 'Begin a new line'],
    ['↑', 'Edit your last message, while the field is empty'],
    ['@', 'Mention somebody'],
  ]],
];

/** The help on keys. */
export function help(state, act) {
  return frame(act, { title: 'Keys' },
    KEYS.map(([where, keys]) => h('section', { class: 'keys' },
      h('h3', null, where),
      h('dl', null, keys.map(([key, what]) => h('div', null,
        h('dt', null, h('kbd', null, key)),
        h('dd', null, what)))))),
    h('div', { class: 'dialog-actions' }, h('button', { type: 'button', class: 'button', onclick: () => close(act) }, 'Got it')));
}
