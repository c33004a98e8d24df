// Which view shows which dialog. `state.view.dialog.name` chooses; the rest of that object is for the view.

import { h } from '../../lib/dom.js';
import { account } from './account.js';
import { add } from './add.js';
import { confirm } from './confirm.js';
import { group } from './group.js';
import { help } from './help.js';
import { join } from './join.js';
import { person } from './person.js';
import { rename } from './rename.js';
import { room } from './room.js';

/** @type {Fields} */
const DIALOGS = { __proto__: null, account, add, confirm, group, help, join, person, rename, room };

/**
 * The dialog that is open, or nothing. A view is called with `(state, act, dialog)` and gives a `frame`.
 * @param {State} state
 * @param {Actions} act
 */
export function dialogs(state, act) {
  const { dialog } = state.view;
  const view = dialog && DIALOGS[dialog.name];
  // By name, so that one dialog in place of another begins anew.
  return view && h('div', { key: `dialog-${dialog.name}` }, view(state, act, dialog));
}
