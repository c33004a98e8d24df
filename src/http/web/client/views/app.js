// The whole page: what phase and route ask for. Each area has its own file; this one only puts them in their places.

import { area } from '../lib/area.js';
import { boundedArea } from '../lib/boundary.js';
import { h } from '../lib/dom.js';
import { part } from '../lib/part.js';
import { pane } from '../state/select.js';
import { banner } from './banner.js';
import { start } from './start.js';
import { toasts } from './toasts.js';

const welcome = area(() => import('./welcome/index.js').then((found) => found.welcome));
const lookAt = area(() => import('./welcome/room.js').then((found) => found.lookAt));
const sidebar = area(() => import('./sidebar/index.js').then((found) => found.sidebar));
const popup = area(() => import('./invites/index.js').then((found) => found.popup), { waiting: nothing, lost: nothing, broken: nothing });
const noConversation = area(() => import('./conversation/nothing.js').then((found) => found.noConversation));
const conversation = area(() => import('./conversation/index.js').then((found) => found.conversation));
const panel = area(() => import('./panel/index.js').then((found) => found.panel));
const dialogs = area(() => import('./dialogs/index.js').then((found) => found.dialogs), { waiting: nothing, lost: lostDialog, broken: brokenDialog });

function nothing() {
  return null;
}

/**
 * Where a dialog did not come: there is no place for it in the page, so it is said above all.
 * @param {() => void} again
 * @param {State} state
 * @param {Actions} act
 */
function lostDialog(again, state, act) {
  return notOpened('This could not be opened. Check your connection.', act, h('button', { type: 'button', class: 'toast-action', onclick: again }, 'Try again'));
}

/** Where a dialog cannot be drawn. @param {State} state @param {Actions} act */
function brokenDialog(state, act) {
  return notOpened('This cannot be shown.', act);
}

/** @param {string} text @param {Actions} act @param {...any} more */
function notOpened(text, act, ...more) {
  const close = () => act.dispatch({ type: 'dialog', dialog: null });
  return h('div', { key: 'lost', class: 'toasts' }, h('div', { class: 'toast toast-error', role: 'alert' },
    h('p', { class: 'grow' }, text), more,
    h('button', { type: 'button', class: 'toast-action', onclick: close }, 'Close')));
}

/** @returns the page as descriptions @param {State} state @param {Actions} act */
export function app(state, act) {
  if (state.phase === 'starting') return [banner(state, act), start()];
  const inside = state.phase === 'member';
  return [
    inside ? boundedArea('app', () => member(state, act)) : welcome(state, act),
    // Dialogs are about what a member has; one that is open when a login ends goes with it.
    inside && state.view.dialog && dialogs(state, act),
    inside && popup(state, act),
    boundedArea('toasts', () => toasts(state, act)),
  ];
}

/** @param {State} state @param {Actions} act */
function member(state, act) {
  const { route } = state.view;
  const details = route.name === 'session' && route.about;
  return part('div', {
    key: 'app', class: ['app', details && 'with-panel'], data: { pane: pane(state) }, begin: () => helpKey(act),
  }, () => [
    h('button', { type: 'button', class: 'skip button', onclick: skip }, 'Skip to the conversation'),
    boundedArea('banner', () => banner(state, act)),
    sidebar(state, act),
    boundedArea('main', () => main(state, act)),
    details && panel(state, act),
  ]);
}

/** @param {State} state @param {Actions} act */
function main(state, act) {
  const { route } = state.view;
  if (route.name === 'room') return lookAt(state, act);
  const session = route.name === 'session' ? state.sessions[route.id] : undefined;
  return session ? conversation(state, session, act) : noConversation(state, act);
}

function skip() {
  const main = document.querySelector('main');
  const target = main?.querySelector('textarea') ?? main;
  // A landmark takes the focus only when told that it may.
  if (target === main) main?.setAttribute('tabindex', '-1');
  target?.focus();
}

/** "?" anywhere but where it is typed opens the help. @param {Actions} act */
function helpKey(act) {
  const ending = new AbortController();
  document.addEventListener('keydown', (event) => {
    // @ts-expect-error: a key is pressed in an element.
    const typing = event.target.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"]');
    if (event.key !== '?' || event.ctrlKey || event.altKey || event.metaKey || typing) return;
    event.preventDefault();
    act.dispatch({ type: 'dialog', dialog: { name: 'help' } });
  }, { signal: ending.signal });
  return () => ending.abort();
}
