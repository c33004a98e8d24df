// The list of blocked users.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { component } from '../../lib/component.js';
import { bdi, h } from '../../lib/dom.js';
import { errorLine, load, loaded } from '../../lib/load.js';
import { avatar } from '../avatar.js';
import { blockPath, fetchBlocks } from '../sidebar/blocks.js';
import { section, toHeading } from './account-section.js';

/** @param {State} state @param {Actions} act */
export function blocks(state, act) {
  return section('blocks', 'Blocked people',
    component('div', { key: 'list', class: 'stack', begin: (local) => { load(local, () => fetchBlocks(act)); } }, (local) => loaded(local, () => [
      h('p', { key: 'text', class: 'muted small' }, 'Blocked people cannot message you, invite you or see when you are online. In groups and rooms you still see each other’s messages.'),
      state.blocks?.length
        ? h('ul', { key: 'list', class: 'account-list', 'aria-label': 'Blocked people' }, boundedRows(state.blocks, (user) => row(act, local, user)))
        : h('p', { key: 'none', class: 'muted' }, 'No one is blocked.'),
      errorLine(local.refused),
    ])));
}

/** @param {Actions} act @param {LocalState} local @param {User} user */
function row(act, local, user) {
  return h('li', { key: user.username },
    avatar(user.display_name, { size: 'small', seed: user.username }),
    h('div', { class: 'grow' },
      h('p', { class: 'ellipsis' }, bdi(user.display_name)),
      h('p', { class: 'muted small ellipsis' }, bdi(`@${user.username}`))),
    button('Unblock', (event) => unblock(act, local, user, event.currentTarget), { 'aria-label': `Unblock ${user.display_name}` }));
}

/** @param {Actions} act @param {LocalState} local @param {User} user @param {any} pressed */
async function unblock(act, local, user, pressed) {
  local.set({ refused: null });
  try {
    await act.rest('DELETE', blockPath(user));
    toHeading(pressed);
    await fetchBlocks(act);
  } catch (refused) {
    local.set({ refused });
  }
}
