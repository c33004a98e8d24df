// The three ways to be somebody here: with an account, with a new one, or as a guest.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { preferred, prefer } from '../../lib/preferences.js';
import { NO_GUESTS, some, newPassword, personName, username } from '../../lib/checks.js';

const WAYS = [
  ['guest', 'Come in as a guest', guest],
  ['log-in', 'Log in', logIn],
  ['register', 'Create account', register],
];

/** The way to begin with: who had an account in this browser will want it again; who is new need not make one. */
export function lastWay() {
  return preferred('way') ?? 'guest';
}

/** The ways as tabs, and the form of the one that is chosen. */
export function ways(act, memory) {
  const [chosen, , view] = WAYS.find(([way]) => way === memory.way) ?? WAYS[0];
  const choose = (way) => memory.set({ way });
  return [
    h('div', { key: 'tabs', class: 'ways', role: 'tablist', 'aria-label': 'Ways in', onkeydown: (event) => arrows(event, chosen, choose) },
      WAYS.map(([way, label]) => h('button', {
        key: way, id: `way-${way}`, type: 'button', role: 'tab', class: 'way', tabindex: way === chosen ? '0' : '-1',
        'aria-selected': String(way === chosen), 'aria-controls': 'way', onclick: () => choose(way),
      }, label))),
    h('div', { key: chosen, id: 'way', role: 'tabpanel', 'aria-labelledby': `way-${chosen}` }, view(act)),
  ];
}

function arrows(event, chosen, choose) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const tabs = [...event.currentTarget.children];
  const at = (WAYS.findIndex(([way]) => way === chosen) + step + WAYS.length) % WAYS.length;
  choose(WAYS[at][0]);
  tabs[at].focus();
}

function guest(act) {
  return form({ key: 'guest', class: 'form', send: ({ name }) => act.guest(name.trim()), refusals: { forbidden: ['name', NO_GUESTS] } }, ({ field, submit }) => [
    field({ name: 'name', label: 'Your name', autocomplete: 'nickname', dir: 'auto', check: personName, hint: 'That is all it takes. Your visit ends when you log out.' }),
    submit('Come in'),
  ]);
}

function logIn(act) {
  const send = async (values) => {
    await act.login({ username: values.username.trim(), password: values.password });
    prefer('way', 'log-in');
  };
  const refusals = {
    unknown_user: ['username', 'Nobody here has this name. Check the spelling, or create an account.'],
    wrong_password: ['password', 'This password does not fit the name. Try again, and mind capital letters.'],
    too_many_attempts: 'password',
  };
  return form({ key: 'log-in', class: 'form', send, refusals }, ({ field, submit }) => [
    field({ name: 'username', label: 'Username', ...NAME, check: some('Type your username.') }),
    field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', check: some('Type your password.') }),
    submit('Log in'),
  ]);
}

function register(act) {
  const send = async (values) => {
    await act.register({ username: values.username.trim(), password: values.password });
    prefer('way', 'log-in');
  };
  return form({ key: 'register', class: 'form', send, refusals: { username_taken: 'username' } }, ({ field, submit }) => [
    field({ name: 'username', label: 'Username', ...NAME, check: username, hint: 'Letters, digits, “_”, “.” and “-”. It stays as it is; the name others see can change.' }),
    field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', check: newPassword, hint: 'At least 8 characters.' }),
    submit('Create account'),
  ]);
}

/** Attributes of a field for a username. */
const NAME = { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', dir: 'auto' };
