// A user's profile: name, presence, and actions.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { personOf } from '../../state/select.js';
import { block, isBlocked, loadBlocks, unblock } from '../sidebar/blocks.js';
import { isOnline, presence } from '../sidebar/presence.js';
import { personHead } from './account-section.js';
import { frame } from './frame.js';

/** `username`: the user whose profile it is. @param {State} state @param {Actions} act @param {User} user */
export function person(state, act, { username }) {
  const { user } = personOf(username, state);
  const blocked = isBlocked(user, state);
  // Closed when the conversation is open: closing goes back in the history, which would leave it again.
  const write = () => act.writeTo(user.username).finally(act.closeDialog);
  return frame(act, { title: 'Profile' },
    personHead(user, isOnline(user, state), { mount: () => state.blocks ?? loadBlocks(act) }, h('p', { class: 'small' }, presence(user, state))),
    blocked && h('p', { class: 'muted small' }, 'You blocked this person.'),
    h('div', { class: 'dialog-actions' },
      blocked
        ? button('Unblock', () => unblock(user, act), { key: 'unblock', icon: 'check' })
        : [
          button('Block', () => block(user, state, act), { key: 'block', icon: 'close', look: 'danger' }),
          button('Send message', write, { key: 'write', icon: 'chat', look: 'primary', autofocus: true }),
        ]));
}
