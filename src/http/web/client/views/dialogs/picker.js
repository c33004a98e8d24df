// Choosing several people: a search field, the chosen ones as chips before it, and a list to choose from. Keys follow the
// WAI-ARIA practices for a combobox: arrows move through the list while typing, Enter chooses, Backspace in the empty field
// removes the last one.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { component } from '../../lib/component.js';
import { errorText } from '../../lib/wording.js';
import { labelOf } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { candidates, find, more } from '../sidebar/directory.js';
import { isOnline, standing } from '../sidebar/presence.js';

/**
 * The field and its list. In a form the chosen usernames are the value `usernames`, separated by spaces.
 * @param {State} state
 * @param {Actions} act
 * @param {{label: string, focus?: boolean, without?: Set<string>}} options `focus`: the dialog begins here; `without`: ids of
 *   those who cannot be chosen
 */
export function picker(state, act, { label, focus, without = new Set() }) {
  return component('div', {
    key: 'picker',
    class: 'field picker',
    begin(local) {
      Object.assign(local, { chosen: [], at: -1 });
      find(local, act, '');
      return () => clearTimeout(local.timer);
    },
  }, (local) => {
    const { known, others } = candidates(local, state);
    const offered = [...known, ...others].filter(({ id }) => !without.has(id));
    const at = Math.min(local.at, offered.length - 1);
    return [
      h('label', { for: 'picker' }, label),
      h('div', { class: 'input picker-field' }, local.chosen.map((user) => chip(user, local, state)), field(local, act, offered, at, focus)),
      h('input', { key: 'value', type: 'hidden', name: 'usernames', value: local.chosen.map(({ username }) => username).join(' ') }),
      h('ul', { key: 'list', id: 'picker-list', class: 'picker-list', role: 'listbox', 'aria-label': label, 'aria-multiselectable': true, hidden: !offered.length },
        boundedRows(offered, (user, i) => option(user, local, act, state, i === at))),
      h('p', { key: 'status', role: 'status', class: 'hint' }, statusText(local, offered)),
      local.next && !local.error && button('Show more people', () => more(local, act), { key: 'more' }),
    ];
  });
}

/** @param {LocalState} local @param {Actions} act @param {User[]} offered @param {number} at @param {boolean|undefined} focus */
function field(local, act, offered, at, focus) {
  return h('input', {
    key: 'find', id: 'picker', class: 'picker-input', role: 'combobox', autocomplete: 'off', spellcheck: 'false', maxlength: '100', dir: 'auto', autofocus: focus,
    placeholder: local.chosen.length ? null : 'Type a name', 'aria-expanded': String(offered.length > 0), 'aria-controls': 'picker-list',
    'aria-autocomplete': 'list', 'aria-activedescendant': at >= 0 ? `pick-${offered[at].id}` : null, value: local.query,
    oninput(event) {
      local.at = event.target.value ? 0 : -1;
      find(local, act, event.target.value);
    },
    onkeydown: (event) => key(event, local, act, offered, at),
  });
}

/** @param {Fields} options @param {User[]} offered */
function statusText({ query, busy, error }, offered) {
  if (error) return errorText(error);
  if (offered.length) return '';
  if (busy) return 'Searching…';
  return query ? `No one found for “${isolate(query)}”.` : 'There is no one to choose yet.';
}

/** @param {LocalState} local @param {User} user */
const isChosen = (local, user) => local.chosen.some(({ id }) => id === user.id);

/** @param {LocalState} local @param {User} user */
function toggle(local, user) {
  local.set({ chosen: isChosen(local, user) ? local.chosen.filter(({ id }) => id !== user.id) : [...local.chosen, user] });
}

/**
 * By key or by mouse: ready for the next name; with an empty field and no active option, Enter submits the form.
 * @param {LocalState} local
 * @param {Actions} act
 * @param {User} user
 */
function choose(local, act, user) {
  local.at = -1;
  toggle(local, user);
  if (local.query) find(local, act, '');
}

/** @param {User} user @param {LocalState} local @param {State} state */
function chip(user, local, state) {
  const name = labelOf(user, state);
  return h('button', {
    key: user.id, type: 'button', class: 'chip', 'aria-label': `Remove ${name}`,
    onclick() {
      toggle(local, user);
      document.getElementById('picker').focus();
    },
  }, h('span', { class: 'ellipsis', dir: 'auto' }, name), icon('close'));
}

/** @param {User} user @param {LocalState} local @param {Actions} act @param {State} state @param {boolean} active */
function option(user, local, act, state, active) {
  const chosen = isChosen(local, user);
  return h('li', {
    key: user.id, id: `pick-${user.id}`, role: 'option', class: ['pick', active && 'active'], 'aria-selected': String(chosen),
    update: active ? (element) => element.scrollIntoView({ block: 'nearest' }) : null,
    // The field keeps the focus.
    onpointerdown: (event) => event.preventDefault(),
    onclick: () => choose(local, act, user),
  },
    avatar(user.display_name, { size: 'small', seed: user.username, online: isOnline(user, state) }),
    h('span', { class: 'grow' },
      h('span', { class: 'ellipsis pick-name' }, bdi(user.display_name)),
      h('span', { class: 'small ellipsis' }, standing(user, state))),
    chosen && icon('check'));
}

/** @param {UiEvent} event @param {LocalState} local @param {Actions} act @param {User[]} offered @param {number} at */
function key(event, local, act, offered, at) {
  if (event.isComposing) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const step = event.key === 'ArrowDown' ? 1 : -1;
    local.set({ at: Math.max(0, Math.min(at + step, offered.length - 1)) });
  } else if (event.key === 'Enter' && at >= 0) {
    choose(local, act, offered[at]);
  } else if (event.key === 'Backspace' && !local.query && local.chosen.length) {
    local.set({ chosen: local.chosen.slice(0, -1) });
  } else return;
  event.preventDefault();
}
