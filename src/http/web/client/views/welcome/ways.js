// The ways to log in: as a guest where the server lets guests in, with an account, or with a new one.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { preferred, prefer } from '../../lib/preferences.js';
import { settings } from '../../lib/settings.js';
import { NO_GUESTS, PASSWORD_HINT, some, newPassword, personName, username } from '../../lib/checks.js';

/** @type {any[]} */
const WAYS = [
  settings.guests && ['guest', 'Continue as guest', guest],
  ['log-in', 'Log in', logIn],
  ['register', 'Create account', register],
].filter(Boolean);

/** The way to begin with: who had an account in this browser will want it again; who is new need not create one. */
export function lastWay() {
  return preferred('way') ?? WAYS[0][0];
}

/** The ways as tabs, and the form of the one that is chosen. @param {Actions} act @param {Memory} memory */
export function ways(act, memory) {
  const [chosen, , view] = WAYS.find(([way]) => way === memory.way) ?? WAYS[0];
  /** @param {string} way */
  const choose = (way) => {
    // A name that is taken may be one's own: it is there again where one logs in.
    const username = document.getElementById('way').querySelector('[name="username"]')?.value ?? memory.username;
    memory.set({ way, username });
  };
  return [
    h('div', { key: 'tabs', class: 'ways', role: 'tablist', 'aria-label': 'Ways to log in', onkeydown: (event) => arrows(event, chosen, choose) },
      WAYS.map(([way, label]) => h('button', {
        key: way, id: `way-${way}`, type: 'button', role: 'tab', class: 'way', tabindex: way === chosen ? '0' : '-1',
        'aria-selected': String(way === chosen), 'aria-controls': 'way', onclick: () => choose(way),
      }, label))),
    h('div', { key: chosen, id: 'way', role: 'tabpanel', 'aria-labelledby': `way-${chosen}` }, view(act, memory)),
  ];
}

/** @param {UiEvent} event @param {string} chosen @param {(way: string) => void} choose */
function arrows(event, chosen, choose) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const tabs = [...event.currentTarget.children];
  const at = (WAYS.findIndex(([way]) => way === chosen) + step + WAYS.length) % WAYS.length;
  choose(WAYS[at][0]);
  tabs[at].focus();
}

/** @param {Actions} act */
function guest(act) {
  return form({ key: 'guest', class: 'form', send: ({ name }) => act.guest(name.trim()), refusals: { forbidden: ['name', NO_GUESTS] } }, ({ field, submit }) => [
    field({ name: 'name', label: 'Your name', autocomplete: 'nickname', dir: 'auto', check: personName, hint: 'No password needed. Your visit ends when you log out.' }),
    submit('Enter'),
  ]);
}

/** @param {Actions} act @param {User} user */
function logIn(act, { username: begin }) {
  /** @param {Fields} values */
  const send = async (values) => {
    await act.login({ username: values.username.trim(), password: values.password });
    prefer('way', 'log-in');
  };
  const refusals = {
    unknown_user: ['username', 'There is no account with this username. Check the spelling, or create an account.'],
    wrong_password: ['password', 'Wrong username or password.'],
    too_many_attempts: 'password',
  };
  return form({ key: 'log-in', class: 'form', send, refusals }, ({ field, submit }) => [
    field({ name: 'username', label: 'Username', ...NAME, begin, check: some('Enter your username.') }),
    field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', check: some('Enter your password.') }),
    submit('Log in'),
  ]);
}

/** @param {Actions} act @param {User} user */
function register(act, { username: begin }) {
  /** @param {Fields} values */
  const send = async (values) => {
    await act.register({ username: values.username.trim(), password: values.password });
    prefer('way', 'log-in');
  };
  return form({ key: 'register', class: 'form', send, refusals: { username_taken: 'username' } }, ({ field, submit }) => [
    field({ name: 'username', label: 'Username', ...NAME, begin, check: username, hint: 'Letters, digits, “_”, “.” and “-”. You cannot change it later.' }),
    field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', check: newPassword, hint: PASSWORD_HINT }),
    submit('Create account'),
  ]);
}

/** Attributes of a field for a username. */
const NAME = { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', dir: 'auto' };
