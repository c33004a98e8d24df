// The whole page: what phase and route ask for. Each area has its own file; this one only puts them in their places.

import { h } from '../lib/dom.js';
import { part } from '../lib/part.js';
import { pane } from '../state/select.js';
import { banner } from './banner.js';
import { conversation } from './conversation/index.js';
import { dialogs } from './dialogs/index.js';
import { popup } from './invites/index.js';
import { panel } from './panel/index.js';
import { sidebar } from './sidebar/index.js';
import { start } from './start.js';
import { toasts } from './toasts.js';
import { lookAt } from './welcome/room.js';
import { welcome } from './welcome/index.js';

/** @returns the page as descriptions */
export function app(state, act) {
  if (state.phase === 'starting') return [banner(state, act), start()];
  const inside = state.phase === 'member';
  return [
    inside ? member(state, act) : welcome(state, act),
    // Dialogs are about what a member has; one that is open when a login ends goes with it.
    inside && dialogs(state, act),
    inside && popup(state, act),
    toasts(state, act),
  ];
}

function member(state, act) {
  const { route } = state.view;
  const details = route.name === 'session' && route.about;
  return part('div', {
    key: 'app', class: ['app', details && 'with-panel'], data: { pane: pane(state) }, begin: () => helpKey(act),
  }, () => [
    h('button', { type: 'button', class: 'skip button', onclick: skip }, 'Skip to the conversation'),
    banner(state, act),
    sidebar(state, act),
    route.name === 'room' ? lookAt(state, act) : conversation(state, act),
    details && panel(state, act),
  ]);
}

function skip() {
  const main = document.querySelector('main');
  const target = main?.querySelector('textarea') ?? main;
  // A landmark takes the focus only when told that it may.
  if (target === main) main?.setAttribute('tabindex', '-1');
  target?.focus();
}

/** "?" anywhere but where it is typed opens the help. */
function helpKey(act) {
  const ending = new AbortController();
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"]');
    if (event.key !== '?' || event.ctrlKey || event.altKey || event.metaKey || typing) return;
    event.preventDefault();
    act.dispatch({ type: 'dialog', dialog: { name: 'help' } });
  }, { signal: ending.signal });
  return () => ending.abort();
}
