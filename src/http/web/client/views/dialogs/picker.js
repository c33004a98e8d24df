// Choosing several people: a field that finds them, the chosen ones as chips before it, and a list to choose from.
// Keys as in the WAI-ARIA practices for a combobox: arrows go through the list while one types, Enter chooses,
// Backspace in the empty field takes the last one back.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { part } from '../../lib/part.js';
import { inWords } from '../../lib/words.js';
import { labelOf } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { candidates, find, more } from '../sidebar/directory.js';
import { presenceOf, standing } from '../sidebar/presence.js';

/**
 * The field and its list. In a form the chosen usernames are the value `usernames`, separated by spaces.
 * @param {State} state
 * @param {Actions} act
 * @param {{label: string, focus?: boolean, without?: Set<string>}} options `focus`: the dialog begins here; `without`: ids of those
 *   who cannot be chosen
 */
export function picker(state, act, { label, focus, without = new Set() }) {
  return part('div', {
    key: 'picker',
    class: 'field picker',
    begin(memory) {
      Object.assign(memory, { chosen: [], at: -1 });
      find(memory, act, '');
      return () => clearTimeout(memory.timer);
    },
  }, (memory) => {
    const { known, others } = candidates(memory, state);
    const offered = [...known, ...others].filter(({ id }) => !without.has(id));
    const at = Math.min(memory.at, offered.length - 1);
    return [
      h('label', { for: 'picker' }, label),
      h('div', { class: 'input picker-field' }, memory.chosen.map((user) => chip(user, memory, state)), field(memory, act, offered, at, focus)),
      h('input', { key: 'value', type: 'hidden', name: 'usernames', value: memory.chosen.map(({ username }) => username).join(' ') }),
      h('ul', { key: 'list', id: 'picker-list', class: 'picker-list', role: 'listbox', 'aria-label': label, 'aria-multiselectable': 'true', hidden: !offered.length },
        boundedRows(offered, (user, i) => option(user, memory, act, state, i === at))),
      h('p', { key: 'said', role: 'status', class: 'hint' }, said(memory, offered)),
      memory.next && !memory.error && h('button', { key: 'more', type: 'button', class: 'button', onclick: () => more(memory, act) }, 'Show more people'),
    ];
  });
}

/** @param {Memory} memory @param {Actions} act @param {User[]} offered @param {number} at @param {boolean|undefined} focus */
function field(memory, act, offered, at, focus) {
  return h('input', {
    key: 'find', id: 'picker', class: 'picker-input', role: 'combobox', autocomplete: 'off', spellcheck: 'false', maxlength: '100', dir: 'auto', autofocus: focus,
    placeholder: memory.chosen.length ? null : 'Type a name', 'aria-expanded': String(offered.length > 0), 'aria-controls': 'picker-list',
    'aria-autocomplete': 'list', 'aria-activedescendant': at >= 0 ? `pick-${offered[at].id}` : null, value: memory.query,
    oninput(event) {
      memory.at = event.target.value ? 0 : -1;
      find(memory, act, event.target.value);
    },
    onkeydown: (event) => key(event, memory, act, offered, at),
  });
}

/** @param {Fields} options @param {User[]} offered */
function said({ query, busy, error }, offered) {
  if (error) return inWords(error);
  if (offered.length) return '';
  if (busy) return 'Searching…';
  return query ? `No one found for “${isolate(query)}”.` : 'There is no one to choose yet.';
}

/** @param {Memory} memory @param {User} user */
const isChosen = (memory, user) => memory.chosen.some(({ id }) => id === user.id);

/** @param {Memory} memory @param {User} user */
function toggle(memory, user) {
  memory.set({ chosen: isChosen(memory, user) ? memory.chosen.filter(({ id }) => id !== user.id) : [...memory.chosen, user] });
}

/**
 * By key and by mouse alike: ready for the next name; with an empty field and nothing pointed at, Enter sends the form.
 * @param {Memory} memory
 * @param {Actions} act
 * @param {User} user
 */
function choose(memory, act, user) {
  memory.at = -1;
  toggle(memory, user);
  if (memory.query) find(memory, act, '');
}

/** @param {User} user @param {Memory} memory @param {State} state */
function chip(user, memory, state) {
  const name = labelOf(user, state);
  return h('button', {
    key: user.id, type: 'button', class: 'chip', 'aria-label': `Remove ${name}`,
    onclick() {
      toggle(memory, user);
      document.getElementById('picker').focus();
    },
  }, h('span', { class: 'ellipsis', dir: 'auto' }, name), icon('close'));
}

/** @param {User} user @param {Memory} memory @param {Actions} act @param {State} state @param {boolean} active */
function option(user, memory, act, state, active) {
  const chosen = isChosen(memory, user);
  return h('li', {
    key: user.id, id: `pick-${user.id}`, role: 'option', class: ['pick', active && 'active'], 'aria-selected': String(chosen),
    update: active ? (element) => element.scrollIntoView({ block: 'nearest' }) : null,
    // Pressed, not clicked: the field keeps the focus.
    onpointerdown: (event) => event.preventDefault(),
    onclick: () => choose(memory, act, user),
  },
    avatar(user.display_name, { size: 'small', seed: user.username, online: presenceOf(user, state).status === 'online' }),
    h('span', { class: 'grow' },
      h('span', { class: 'ellipsis pick-name' }, h('bdi', null, user.display_name)),
      h('span', { class: 'small ellipsis' }, standing(user, state))),
    chosen && icon('check'));
}

/** @param {UiEvent} event @param {Memory} memory @param {Actions} act @param {User[]} offered @param {number} at */
function key(event, memory, act, offered, at) {
  if (event.isComposing) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const step = event.key === 'ArrowDown' ? 1 : -1;
    memory.set({ at: Math.max(0, Math.min(at + step, offered.length - 1)) });
  } else if (event.key === 'Enter' && at >= 0) {
    choose(memory, act, offered[at]);
  } else if (event.key === 'Backspace' && !memory.query && memory.chosen.length) {
    memory.set({ chosen: memory.chosen.slice(0, -1) });
  } else return;
  event.preventDefault();
}
