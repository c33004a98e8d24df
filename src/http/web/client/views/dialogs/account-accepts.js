// The setting for who may open a conversation with me without an invite.

import { h } from '../../lib/dom.js';
import { component } from '../../lib/component.js';
import { errorLine } from '../../lib/load.js';
import { section } from './account-section.js';

const CHOICES = [
  ['anyone', 'Anyone'],
  ['invited', 'Only people I have accepted'],
];

/** @param {State} state @param {Actions} act */
export function accepts(state, act) {
  return section('accepts', 'Who can message you', component('div', { key: 'choices' }, (local) => [
    h('div', { key: 'radios', class: 'choices', role: 'radiogroup', 'aria-label': 'Who can message you' }, CHOICES.map(([value, label]) => h('label', { class: 'choice' },
      h('input', { type: 'radio', name: 'accepts', value, checked: state.me.accepts === value, onchange: () => choose(act, local, value) }), label))),
    errorLine(local.refused),
  ]));
}

/** @param {Actions} act @param {LocalState} local @param {string} value */
async function choose(act, local, value) {
  try {
    const { user, accepts: now } = await act.rest('PATCH', '/me', { accepts: value });
    local.set({ refused: null });
    act.dispatch({ type: 'phase', phase: 'member', me: { ...user, accepts: now } });
  } catch (refused) {
    // Rendering again resets the radio button to the stored value.
    local.set({ refused });
  }
}
