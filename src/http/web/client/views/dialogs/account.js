// One's own account: who one is here, who may write, where one is logged in, and the way out. Each section is a file of its
// own; a guest has only those that make sense for a visit.

import { h } from '../../lib/dom.js';
import { part } from '../../lib/part.js';
import { avatar } from '../avatar.js';
import { accepts } from './account-accepts.js';
import { blocks } from './account-blocks.js';
import { farewell, logOut } from './account-end.js';
import { logins } from './account-logins.js';
import { name } from './account-name.js';
import { notifications } from './account-notify.js';
import { password } from './account-password.js';
import { frame } from './frame.js';

/** The account dialog. @param {State} state @param {Actions} act */
export function account(state, act) {
  const { me } = state;
  const guest = me.kind === 'guest';
  return frame(act, { title: 'Account' },
    h('div', { class: 'account-head' },
      avatar(me.display_name, { size: 'large', seed: me.username }),
      h('div', { class: 'grow' },
        h('p', { class: 'account-name' }, h('bdi', null, me.display_name)),
        h('p', { class: 'muted' }, h('bdi', null, `@${me.username}`), guest && [' ', h('span', { class: 'tag' }, 'guest')]))),
    part('div', { key: 'sections', class: 'account-sections', begin: (memory) => { memory.passwords = 0; } }, (memory) => [
      name(state, act),
      accepts(state, act),
      notifications(),
      // A new password ends the other logins, so both begin anew.
      !guest && password(state, act, memory),
      !guest && logins(state, act, memory.passwords),
      blocks(act),
      logOut(state, act),
      !guest && farewell(state, act),
    ]));
}
