// The banner that explains a missing connection and when it is retried. It has a clock of its own, since the state's is too slow
// for a countdown.

import { h } from '../lib/dom.js';
import { component } from '../lib/component.js';
import { count } from '../lib/wording.js';

/** @type {Fields} */
const WHY = {
  __proto__: null,
  offline: 'You are offline.',
  restart: 'The server is restarting.',
  busy: 'The server is busy.',
  slow: 'Your connection is too slow.',
  heartbeat: 'The server stopped responding.',
  flooding: 'You sent too much at once.',
  lost: 'Connection lost.',
  unreachable: 'The server cannot be reached.',
  origin: 'The server refuses connections from this address. Its operator finds the reason in the server\'s log.',
  upgrade: 'The server can be reached, but its live connection is blocked on the way.',
  too_many: 'Parlor is open in too many tabs or on too many devices. Close one of them.',
  protocol: 'This page is out of date. Reload it.',
};

/** The banner, or null while connected or during the first connection. @param {State} state @param {Actions} act */
export function banner(state, act) {
  const { link } = state;
  const trying = link.status === 'waiting' || (link.status === 'connecting' && link.attempt > 0);
  if (!trying && link.status !== 'refused') return null;
  return component('div', { key: 'banner', class: 'banner', begin: clock }, () => [
    // @ts-expect-error: null is the name of nothing.
    h('p', { role: 'status' }, WHY[link.why] ?? WHY.lost, ' ', outlook(link)),
    link.why === 'protocol' ? action('Reload', () => location.reload()) : action('Try now', () => act.dispatch({ type: 'retry_link' })),
  ]);
}

/** @param {string} label @param {() => void} onclick */
const action = (label, onclick) => h('button', { type: 'button', class: 'banner-button', key: label, onclick }, label);

/** @param {LocalState} local */
function clock(local) {
  const timer = setInterval(local.set, 1000);
  return () => clearInterval(timer);
}

/** @param {Fields} options */
function outlook({ status, why, retryAt }) {
  if (status === 'refused') return null;
  // The browser reports when it is online; until then there is nothing to count.
  if (why === 'offline') return 'Parlor reconnects as soon as you are online.';
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  if (status === 'connecting' || !(seconds > 0)) return 'Trying again…';
  // Hidden from screen readers, which would announce it every second.
  return h('span', { key: 'outlook', 'aria-hidden': true }, `Trying again in ${seconds < 60 ? `${seconds} s` : count(Math.ceil(seconds / 60), 'minute')}.`);
}
