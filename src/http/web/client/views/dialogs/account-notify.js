// The switch for system notifications while this page is not in front. They need the permission of the browser, which prompts
// only after a click, and the user's own choice.

import { h } from '../../lib/dom.js';
import { showNotification } from '../../lib/notification.js';
import { component } from '../../lib/component.js';
import { prefer, preferred } from '../../lib/storage.js';
import { section } from './account-section.js';

export function notifications() {
  return section('notify', 'Notifications', component('div', { key: 'switch', class: 'stack' }, (local) => {
    if (!('Notification' in window) || local.impossible) return h('p', { class: 'muted', role: 'status' }, 'This browser cannot show notifications.');
    const on = Notification.permission === 'granted' && preferred('notify') !== 'off';
    return [
      h('div', { class: 'row' },
        h('span', { id: 'notify-label', class: 'grow' }, 'Notify me of new messages'),
        h('button', { type: 'button', role: 'switch', class: 'switch', 'aria-checked': String(on), 'aria-labelledby': 'notify-label', onclick: () => turn(local, !on) })),
      h('p', { key: 'denied', class: 'muted small', role: 'status' }, Notification.permission === 'denied'
        && 'Notifications are blocked for this page. Allow them in your browser’s settings.'),
    ];
  }));
}

/** @param {LocalState} local @param {boolean} on */
async function turn(local, on) {
  const allowed = on && await Notification.requestPermission() === 'granted';
  // A sample; some browsers grant the permission and show none all the same.
  const shown = allowed && showNotification('Parlor', { body: 'New messages will look like this.', tag: 'parlor:sample' });
  prefer('notify', shown ? 'on' : 'off');
  local.set({ impossible: allowed && !shown });
}
