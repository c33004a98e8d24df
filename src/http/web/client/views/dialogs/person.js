// A person's profile: who they are, whether they are online, and what one can do: write to them, block them.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { personOf } from '../../state/select.js';
import { avatar } from '../avatar.js';
import { block, isBlocked, loadBlocks, unblock } from '../sidebar/blocks.js';
import { presence, presenceOf } from '../sidebar/presence.js';
import { close, frame } from './frame.js';

/** The dialog; `username` is whose profile it is. @param {State} state @param {Actions} act @param {User} user */
export function person(state, act, { username }) {
  const { user } = personOf(username, state);
  const blocked = isBlocked(user, state);
  // Closed when the conversation is there: closing goes back in the history, which would take it away again.
  const write = () => act.writeTo(user.username).finally(() => close(act));
  /** @type {(label: string, picture: string, look: string|null, onclick: (event: UiEvent) => any, more?: Props) => VNode} */
  const button = (label, picture, look, onclick, more) => h('button', { key: label, type: 'button', class: ['button', look], onclick, ...more }, icon(picture), label);
  return frame(act, { title: 'Profile' },
    h('div', { class: 'account-head', mount: () => state.blocks ?? loadBlocks(act) },
      avatar(user.display_name, { size: 'large', seed: user.username, online: presenceOf(user, state).status === 'online' }),
      h('div', { class: 'grow' },
        h('p', { class: 'account-name' }, h('bdi', null, user.display_name)),
        h('p', { class: 'muted' }, h('bdi', null, `@${user.username}`), user.kind === 'guest' && [' ', h('span', { class: 'tag' }, 'guest')]),
        h('p', { class: 'small' }, presence(user, state)))),
    blocked && h('p', { class: 'muted small' }, 'You blocked this person.'),
    h('div', { class: 'dialog-actions' },
      blocked
        ? button('Unblock', 'check', null, () => unblock(user, act))
        : [button('Block', 'close', 'danger', () => block(user, state, act)), button('Send message', 'chat', 'primary', write, { autofocus: true })]));
}
