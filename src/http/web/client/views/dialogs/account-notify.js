// Whether the system tells of new messages while this page is not in front. Two have to agree: the browser, which asks only
// when somebody presses something, and the person, who may have had enough of it.

import { h } from '../../lib/dom.js';
import { showNotification } from '../../lib/notification.js';
import { part } from '../../lib/part.js';
import { prefer, preferred } from '../../lib/preferences.js';
import { section } from './account-section.js';

/** The section for it. */
export function notifications() {
  return section('notify', 'Notifications', part('div', { key: 'switch', class: 'stack' }, (memory) => {
    if (!('Notification' in window) || memory.impossible) return h('p', { class: 'muted', role: 'status' }, 'This browser cannot show notifications.');
    const on = Notification.permission === 'granted' && preferred('notify') !== 'off';
    return [
      h('div', { class: 'row' },
        h('span', { id: 'notify-label', class: 'grow' }, 'Notify me of new messages'),
        h('button', { type: 'button', role: 'switch', class: 'switch', 'aria-checked': String(on), 'aria-labelledby': 'notify-label', onclick: () => turn(memory, !on) })),
      h('p', { key: 'denied', class: 'muted small', role: 'status' }, Notification.permission === 'denied'
        && 'Notifications are blocked for this page. Allow them in your browser’s settings.'),
    ];
  }));
}

/** @param {Memory} memory @param {boolean} on */
async function turn(memory, on) {
  const allowed = on && await Notification.requestPermission() === 'granted';
  // One to see what they look like; some browsers can be asked and show none all the same.
  const shown = allowed && showNotification('Parlor', { body: 'New messages will look like this.', tag: 'parlor:sample' });
  prefer('notify', shown ? 'on' : 'off');
  memory.set({ impossible: allowed && !shown });
}
