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

/** Opens the search in one conversation. @param {Actions} act @param {string} session */
export function searchIn(act, session) {
  wanted = true;
  act.dispatch({ type: 'search', query: '', session });
  act.dispatch({ type: 'side', side: 'search' });
  // Where only one pane fits, the list is behind the conversation.
  if (matchMedia('(max-width: 46rem)').matches) act.go({ name: 'home' });
}

/** The tab "Search". @param {State} state @param {Actions} act */
export function search(state, act) {
  const { query = '', session } = state.search ?? {};
  const { route } = state.view;
  // The one that is searched, or the one that could be.
  const scope = state.sessions[session ?? (route.name === 'session' ? route.id : undefined)];
  /** @param {string} text @param {any} where */
  const ask = (text, where) => act.dispatch({ type: 'search', query: text, session: where });
  return h('div', { class: 'search' },
    part('form', {
      key: 'field', class: 'search-form', role: 'search',
      begin: (memory) => () => clearTimeout(memory.timer),
      onsubmit(event) {
        event.preventDefault();
        ask(event.target.elements.query.value, session);
      },
    }, (memory) => {
      // What is typed stands until it, or something else, was asked.
      if (memory.asked !== query) Object.assign(memory, { asked: query, text: query });
      return field(memory, ask, session, scope && titleOf(scope, state), scope?.id);
    }),
    query.trim() === '' ? hint() : results(state, act));
}

/**
 * @param {Memory} memory
 * @param {(text: string, where?: string) => void} ask
 * @param {string|undefined} session
 * @param {string|undefined} title
 * @param {string|undefined} id
 */
function field(memory, ask, session, title, id) {
  return [
    h('input', {
      class: 'input', type: 'search', name: 'query', dir: 'auto', autocomplete: 'off', maxlength: '200', enterkeyhint: 'search',
      'aria-label': 'Search messages', placeholder: 'Search messages', value: memory.text, mount: focusWanted, update: focusWanted,
      oninput({ target }) {
        memory.text = target.value;
        clearTimeout(memory.timer);
        memory.timer = setTimeout(() => ask(target.value, session), PAUSE);
      },
    }),
    title && h('label', { class: 'scope small' },
      h('input', { type: 'checkbox', checked: Boolean(session), onchange: ({ target }) => ask(memory.text, target.checked ? id : undefined) }),
      h('span', { class: 'ellipsis' }, 'Only in this conversation: ', h('bdi', null, title))),
  ];
}

function hint() {
  return h('div', { class: 'empty' }, h('span', { class: 'empty-picture' }, icon('search')), h('p', null, 'Search the messages in all your conversations.'));
}

/** @param {any} field */
function focusWanted(field) {
  if (!wanted) return;
  wanted = false;
  // Once it is in the page.
  queueMicrotask(() => field.focus());
}
