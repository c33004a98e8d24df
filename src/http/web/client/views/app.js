// The whole page, by phase and route. Each area has its own file; this one arranges them.

import { bounded, boundedArea } from '../lib/boundary.js';
import { h } from '../lib/dom.js';
import { component } from '../lib/component.js';
import { pane } from '../state/select.js';
import { banner } from './banner.js';
import { conversation } from './conversation/index.js';
import { noConversation } from './conversation/placeholder.js';
import { dialogs } from './dialogs/index.js';
import { popup } from './invites/index.js';
import { panel } from './panel/index.js';
import { sidebar } from './sidebar/index.js';
import { skeleton } from './skeleton.js';
import { toasts } from './toasts.js';
import { welcome } from './welcome/index.js';
import { lookAt } from './welcome/room.js';

/** A dialog that cannot be drawn has no place in the page; a toast replaces it. @param {Actions} act */
function brokenDialog(act) {
  return h('div', { key: 'broken', class: 'toasts' }, h('div', { class: 'toast toast-error', role: 'alert' },
    h('p', { class: 'grow' }, 'This cannot be shown.'),
    h('button', { type: 'button', class: 'toast-action', onclick: act.closeDialog }, 'Close')));
}

/** @returns the page as descriptions @param {State} state @param {Actions} act */
export function app(state, act) {
  if (state.phase === 'starting') return [banner(state, act), skeleton()];
  const inside = state.phase === 'member';
  return [
    boundedArea('app', () => (inside ? member(state, act) : welcome(state, act))),
    // Dialogs concern a logged-in user; an open one is removed when the login ends.
    inside && state.view.dialog && bounded(() => dialogs(state, act), () => brokenDialog(act)),
    inside && bounded(() => popup(state, act), () => null),
    boundedArea('toasts', () => toasts(state, act)),
  ];
}

/** @param {State} state @param {Actions} act */
function member(state, act) {
  const { route } = state.view;
  const details = route.name === 'session' && route.about;
  return component('div', {
    key: 'app', class: ['app', details && 'with-panel'], data: { pane: pane(state) }, begin: () => helpKey(act),
  }, () => [
    h('button', { type: 'button', class: 'skip button', onclick: skip }, 'Skip to the conversation'),
    boundedArea('banner', () => banner(state, act)),
    boundedArea('sidebar', () => sidebar(state, act)),
    boundedArea('main', () => main(state, act)),
    details && boundedArea('panel', () => panel(state, act)),
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
  // A landmark is focusable only with a tabindex.
  if (target === main) main?.setAttribute('tabindex', '-1');
  target?.focus();
}

/** "?" opens the help, except in a field, dialog or menu. @param {Actions} act */
function helpKey(act) {
  const ending = new AbortController();
  document.addEventListener('keydown', (event) => {
    // @ts-expect-error: a key is pressed in an element.
    const typing = event.target.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"]');
    if (event.key !== '?' || event.ctrlKey || event.altKey || event.metaKey || typing) return;
    event.preventDefault();
    act.openDialog({ name: 'help' });
  }, { signal: ending.signal });
  return () => ending.abort();
}
