// Actions for the other user of a direct session.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { otherOf } from '../../state/select.js';
import { block, isBlocked, loadBlocks, unblock } from '../sidebar/blocks.js';

/** The buttons at the end of the panel. @param {Session} session @param {State} state @param {Actions} act */
export function personActions(session, state, act) {
  // @ts-expect-error: a direct session has another one.
  const { user } = otherOf(session, state);
  if (user.deleted) return null;
  return h('div', { key: 'actions', class: 'panel-section panel-actions', mount: () => state.blocks ?? loadBlocks(act) },
    isBlocked(user, state)
      ? [
        h('p', { class: 'small muted' }, 'You blocked this person. Neither of you can send messages here or see whether the other is online.'),
        button('Unblock', () => unblock(user, act), { key: 'unblock', icon: 'check' }),
      ]
      : button('Block', () => block(user, state, act), { key: 'block', icon: 'close', look: 'danger' }));
}
