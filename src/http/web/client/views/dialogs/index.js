// The table of dialogs. `state.view.dialog.name` selects one; the other fields of that object are for its view.

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
 * The open dialog, or null. A view is called with `(state, act, dialog)` and returns a `frame`.
 * @param {State} state
 * @param {Actions} act
 */
export function dialogs(state, act) {
  const { dialog } = state.view;
  const view = dialog && DIALOGS[dialog.name];
  // By name, so that a dialog that replaces another starts anew.
  return view && h('div', { key: `dialog-${dialog.name}` }, view(state, act, dialog));
}
