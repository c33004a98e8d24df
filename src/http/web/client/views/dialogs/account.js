// The account dialog. Each section is a file of its own; a guest has only those that make sense for a visit.

import { component } from '../../lib/component.js';
import { accepts } from './account-accepts.js';
import { blocks } from './account-blocks.js';
import { deleteAccount, logOut } from './account-end.js';
import { logins } from './account-logins.js';
import { name } from './account-name.js';
import { notifications } from './account-notify.js';
import { password } from './account-password.js';
import { personHead } from './account-section.js';
import { frame } from './frame.js';

/** @param {State} state @param {Actions} act */
export function account(state, act) {
  const { me } = state;
  const guest = me.kind === 'guest';
  return frame(act, { title: 'Account' },
    personHead(me, false, null),
    component('div', { key: 'sections', class: 'account-sections', begin: (local) => { local.passwords = 0; } }, (local) => [
      name(state, act),
      accepts(state, act),
      notifications(),
      // A new password ends the other logins, so both sections start anew.
      !guest && password(state, act, local),
      !guest && logins(state, act, local.passwords),
      blocks(state, act),
      logOut(state, act),
      !guest && deleteAccount(state, act),
    ]));
}
