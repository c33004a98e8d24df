// Whether the system tells of new messages while this page is not in front. Two have to agree: the browser, which asks only
// when somebody presses something, and the person, who may have had enough of it.

import { h } from '../../lib/dom.js';
import { part } from '../../lib/part.js';
import { prefer, preferred } from '../../lib/preferences.js';
import { section } from './account-section.js';

/** The section for it. */
export function notifications() {
  return section('notify', 'Notifications', part('div', { key: 'switch', class: 'stack' }, (memory) => {
    if (!('Notification' in window)) return h('p', { class: 'muted' }, 'This browser cannot show notifications.');
    const on = Notification.permission === 'granted' && preferred('notify') !== 'off';
    return [
      h('div', { class: 'row' },
        h('span', { id: 'notify-label', class: 'grow' }, 'Tell me of new messages while I am elsewhere'),
        h('button', { type: 'button', role: 'switch', class: 'switch', 'aria-checked': String(on), 'aria-labelledby': 'notify-label', onclick: () => turn(memory, !on) })),
      h('p', { key: 'denied', class: 'muted small', role: 'status' }, Notification.permission === 'denied'
        && 'The browser does not allow it for this page. Allow notifications in its settings for this page first.'),
    ];
  }));
}

async function turn(memory, on) {
  const allowed = on ? await Notification.requestPermission() : null;
  prefer('notify', on && allowed === 'granted' ? 'on' : 'off');
  memory.set();
}
