// Who may open a conversation with me without asking.

import { h } from '../../lib/dom.js';
import { part } from '../../lib/part.js';
import { inWords } from '../../lib/words.js';
import { section } from './account-section.js';

const CHOICES = [
  ['anyone', 'Anyone'],
  ['invited', 'Only people I have accepted'],
];

/** The section for it. @param {State} state @param {Actions} act */
export function accepts(state, act) {
  return section('accepts', 'Who can message you', part('div', { key: 'choices' }, (memory) => [
    h('div', { key: 'radios', class: 'choices', role: 'radiogroup', 'aria-label': 'Who can message you' }, CHOICES.map(([value, label]) => h('label', { class: 'choice' },
      h('input', { type: 'radio', name: 'accepts', value, checked: state.me.accepts === value, onchange: () => choose(act, memory, value) }), label))),
    h('div', { key: 'error', role: 'alert' }, memory.refused && h('p', { class: 'error-text' }, inWords(memory.refused))),
  ]));
}

/** @param {Actions} act @param {Memory} memory @param {string} value */
async function choose(act, memory, value) {
  try {
    const { user, accepts: now } = await act.rest('PATCH', '/me', { accepts: value });
    memory.set({ refused: null });
    act.dispatch({ type: 'phase', phase: 'member', me: { ...user, accepts: now } });
  } catch (refused) {
    // Drawing again puts the mark back to what holds.
    memory.set({ refused });
  }
}
