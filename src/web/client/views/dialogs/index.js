// Which view shows which dialog. `state.view.dialog.name` chooses; the rest of that object is for the view.

import { h } from '../../lib/dom.js';
import { confirm } from './confirm.js';
import { help } from './help.js';

const DIALOGS = { confirm, help };

/** The dialog that is open, or nothing. A view is called with `(state, act, dialog)` and gives a `frame`. */
export function dialogs(state, act) {
  const { dialog } = state.view;
  const view = dialog && DIALOGS[dialog.name];
  // By name, so that one dialog in place of another begins anew.
  return view && h('div', { key: `dialog-${dialog.name}` }, view(state, act, dialog));
}
