// Login methods: as a guest if the server allows it, with an account, or with a new one.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { preferred, prefer } from '../../lib/storage.js';
import { settings } from '../../lib/settings.js';
import { NO_GUESTS, required, username } from '../../lib/validation.js';
import { NAME, NEW_PASSWORD } from '../fields.js';

/** @type {any[]} */
const METHODS = [
  settings.guests && ['guest', 'Continue as guest', guest],
  ['log-in', 'Log in', logIn],
  ['register', 'Create account', register],
].filter(Boolean);

/** The initial method: the last one used in this browser, otherwise the first. */
export function lastMethod() {
  return preferred('way') ?? METHODS[0][0];
}

/** The methods as tabs, and the form of the chosen one. @param {Actions} act @param {LocalState} local */
export function loginMethods(act, local) {
  const [chosen, , view] = METHODS.find(([method]) => method === local.method) ?? METHODS[0];
  /** @param {string} method */
  const choose = (method) => {
    // A taken name may be one's own: it is kept for the login form.
    const username = document.getElementById('way').querySelector('[name="username"]')?.value ?? local.username;
    local.set({ method, username });
  };
  return [
    h('div', { key: 'tabs', class: 'ways', role: 'tablist', 'aria-label': 'Ways to log in', onkeydown: (event) => arrows(event, chosen, choose) },
      METHODS.map(([method, label]) => h('button', {
        key: method, id: `way-${method}`, type: 'button', role: 'tab', class: 'way', tabindex: method === chosen ? '0' : '-1',
        'aria-selected': String(method === chosen), 'aria-controls': 'way', onclick: () => choose(method),
      }, label))),
    h('div', { key: chosen, id: 'way', role: 'tabpanel', 'aria-labelledby': `way-${chosen}` }, view(act, local)),
  ];
}

/** @param {UiEvent} event @param {string} chosen @param {(method: string) => void} choose */
function arrows(event, chosen, choose) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const tabs = [...event.currentTarget.children];
  const at = (METHODS.findIndex(([method]) => method === chosen) + step + METHODS.length) % METHODS.length;
  choose(METHODS[at][0]);
  tabs[at].focus();
}

/** @param {Actions} act */
function guest(act) {
  return form({ key: 'guest', class: 'form', send: ({ name }) => act.guest(name.trim()), refusals: { forbidden: ['name', NO_GUESTS] } }, ({ field, submit }) => [
    field({ ...NAME, hint: 'No password needed. Your visit ends when you log out.' }),
    submit('Enter'),
  ]);
}

/** @param {Actions['login']} enter */
function sending(enter) {
  /** @param {Fields} values */
  return async (values) => {
    await enter({ username: values.username.trim(), password: values.password });
    prefer('way', 'log-in');
  };
}

/** @param {Actions} act @param {User} user */
function logIn(act, { username: begin }) {
  const refusals = {
    unknown_user: ['username', 'There is no account with this username. Check the spelling, or create an account.'],
    wrong_password: ['password', 'Wrong username or password.'],
    too_many_attempts: 'password',
  };
  return form({ key: 'log-in', class: 'form', send: sending(act.login), refusals }, ({ field, submit }) => [
    field({ ...USERNAME, begin, check: required('Enter your username.') }),
    field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', check: required('Enter your password.') }),
    submit('Log in'),
  ]);
}

/** @param {Actions} act @param {User} user */
function register(act, { username: begin }) {
  return form({ key: 'register', class: 'form', send: sending(act.register), refusals: { username_taken: 'username' } }, ({ field, submit }) => [
    field({ ...USERNAME, begin, check: username, hint: 'Letters, digits, “_”, “.” and “-”. You cannot change it later.' }),
    field({ label: 'Password', ...NEW_PASSWORD }),
    submit('Create account'),
  ]);
}

/** The username field. */
const USERNAME = { name: 'username', label: 'Username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', dir: 'auto' };
