// The line above everything that says that, and why, there is no connection, and when it is tried again. It counts down
// by its own clock, since the state's is too slow for that.

import { h } from '../lib/dom.js';
import { part } from '../lib/part.js';
import { count } from '../lib/words.js';

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

/** The line, or nothing while all is well, which it is too while the first connection is made. @param {State} state @param {Actions} act */
export function banner(state, act) {
  const { link } = state;
  const trying = link.status === 'waiting' || (link.status === 'connecting' && link.attempt > 0);
  if (!trying && link.status !== 'refused') return null;
  return part('div', { key: 'banner', class: 'banner', begin: clock }, () => [
    // @ts-expect-error: null is the name of nothing.
    h('p', { role: 'status' }, WHY[link.why] ?? WHY.lost, ' ', outlook(link)),
    link.why === 'protocol'
      ? h('button', { type: 'button', class: 'banner-button', key: 'reload', onclick: () => location.reload() }, 'Reload')
      : h('button', { type: 'button', class: 'banner-button', key: 'retry', onclick: () => act.dispatch({ type: 'retry_link' }) }, 'Try now'),
  ]);
}

/** @param {Memory} memory */
function clock(memory) {
  const timer = setInterval(memory.set, 1000);
  return () => clearInterval(timer);
}

/** @param {Fields} options */
function outlook({ status, why, retryAt }) {
  if (status === 'refused') return null;
  // The browser tells when it is back; until then there is nothing to count.
  if (why === 'offline') return 'Parlor reconnects as soon as you are online.';
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  if (status === 'connecting' || !(seconds > 0)) return 'Trying again…';
  // Seen only: heard each second it would drown everything else.
  return h('span', { key: 'outlook', 'aria-hidden': 'true' }, `Trying again in ${seconds < 60 ? `${seconds} s` : count(Math.ceil(seconds / 60), 'minute')}.`);
}
