// Looking for messages, in all conversations or in one. What is asked and found is in the state, so going to a message
// and coming back finds the list as it was.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { part } from '../../lib/part.js';
import { titleOf } from '../../state/select.js';
import { results } from './results.js';

/** Milliseconds without a key before what was typed is asked. */
const PAUSE = 300;

/** Whether the field is to take the focus when it appears. */
let wanted = false;

/** Opens the search in one conversation. */
export function searchIn(act, session) {
  wanted = true;
  act.dispatch({ type: 'search', query: '', session });
  act.dispatch({ type: 'side', side: 'search' });
  // Where only one pane fits, the list is behind the conversation.
  if (matchMedia('(max-width: 46rem)').matches) act.go({ name: 'home' });
}

/** The tab "Search". */
export function search(state, act) {
  const { query = '', session } = state.search ?? {};
  const scope = session && state.sessions[session];
  const ask = (text, where) => act.dispatch({ type: 'search', query: text, session: where });
  return h('div', { class: 'search' },
    part('form', {
      key: `field-${session ?? ''}`, class: 'search-form', role: 'search',
      begin: (memory) => () => clearTimeout(memory.timer),
      onsubmit(event) {
        event.preventDefault();
        ask(event.target.elements.query.value, session);
      },
    }, (memory) => [
      h('input', {
        class: 'input', type: 'search', name: 'query', id: 'search-field', dir: 'auto', autocomplete: 'off', maxlength: '200', enterkeyhint: 'search',
        'aria-label': 'Search messages', placeholder: 'Search messages', value: memory.text ?? query, mount: focusWanted, update: focusWanted,
        oninput({ target }) {
          memory.text = target.value;
          clearTimeout(memory.timer);
          memory.timer = setTimeout(() => ask(target.value, session), PAUSE);
        },
      }),
      scope && h('p', { class: 'scope small' },
        h('span', { class: 'ellipsis' }, 'in ', h('bdi', null, titleOf(scope, state))),
        h('button', { type: 'button', class: 'text-button', onclick: () => ask(memory.text ?? query, undefined) }, 'Search everywhere')),
    ]),
    state.search && query.trim() !== '' ? results(state, act) : hint());
}

function hint() {
  return h('div', { class: 'empty' }, h('span', { class: 'empty-picture' }, icon('search')), h('p', null, 'Find what was said, in any of your conversations. Type a word or more.'));
}

function focusWanted(field) {
  if (!wanted) return;
  wanted = false;
  // Once it is in the page.
  queueMicrotask(() => field.focus());
}
