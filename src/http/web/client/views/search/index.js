// Message search, in all conversations or in one. Query and results are in the state, so the list is unchanged after visiting a
// message.

import { bdi, h } from '../../lib/dom.js';
import { focusSoon } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { component } from '../../lib/component.js';
import { titleOf } from '../../state/select.js';
import { results } from './results.js';

/** Milliseconds without input before the query is sent. */
const PAUSE = 300;

/** Whether the field takes the focus when it appears. */
let wanted = false;

/** Opens the search in one conversation. @param {Actions} act @param {string} session */
export function searchIn(act, session) {
  wanted = true;
  act.dispatch({ type: 'search', query: '', session });
  act.dispatch({ type: 'side', side: 'search' });
  // On a narrow screen the conversation hides the list.
  if (matchMedia('(max-width: 46rem)').matches) act.go({ name: 'home' });
}

/** The tab "Search". @param {State} state @param {Actions} act */
export function search(state, act) {
  const { query = '', session } = state.search ?? {};
  const { route } = state.view;
  // The searched conversation, or the one that could be.
  const scope = state.sessions[session ?? (route.name === 'session' ? route.id : undefined)];
  /** @param {string} text @param {any} where */
  const submit = (text, where) => act.dispatch({ type: 'search', query: text, session: where });
  return h('div', { class: 'search' },
    component('form', {
      key: 'field', class: 'search-form', role: 'search',
      begin: (local) => () => clearTimeout(local.timer),
      onsubmit(event) {
        event.preventDefault();
        submit(event.target.elements.query.value, session);
      },
    }, (local) => {
      // The input keeps its text until this or another query was sent.
      if (local.searched !== query) Object.assign(local, { searched: query, text: query });
      return field(local, submit, session, scope && titleOf(scope, state), scope?.id);
    }),
    query.trim() === '' ? hint() : results(state, act));
}

/**
 * @param {LocalState} local
 * @param {(text: string, where?: string) => void} submit
 * @param {string|undefined} session
 * @param {string|undefined} title
 * @param {string|undefined} id
 */
function field(local, submit, session, title, id) {
  return [
    h('input', {
      class: 'input', type: 'search', name: 'query', dir: 'auto', autocomplete: 'off', maxlength: '200', enterkeyhint: 'search',
      'aria-label': 'Search messages', placeholder: 'Search messages', value: local.text, mount: focusWanted, update: focusWanted,
      oninput({ target }) {
        local.text = target.value;
        clearTimeout(local.timer);
        local.timer = setTimeout(() => submit(target.value, session), PAUSE);
      },
    }),
    title && h('label', { class: 'scope small' },
      h('input', { type: 'checkbox', checked: Boolean(session), onchange: ({ target }) => submit(local.text, target.checked ? id : undefined) }),
      h('span', { class: 'ellipsis' }, 'Only in this conversation: ', bdi(title))),
  ];
}

function hint() {
  return h('div', { class: 'empty' }, h('span', { class: 'empty-picture' }, icon('search')), h('p', null, 'Search the messages in all your conversations.'));
}

/** @param {any} field */
function focusWanted(field) {
  if (!wanted) return;
  wanted = false;
  focusSoon(field);
}
