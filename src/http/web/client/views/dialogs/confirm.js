// A confirmation: one sentence, and a button that names the action.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { errorLine } from '../../lib/load.js';
import { component } from '../../lib/component.js';
import { frame } from './frame.js';

/**
 * `{title, text, yes, danger?, quotes?}` (`quotes`: the text is the user's own and has its own direction), and either `event`,
 * dispatched when confirmed, or `run`, an async function: the dialog waits for it and shows its error.
 * @param {State} state
 * @param {Actions} act
 * @param {Fields} dialog
 */
export function confirm(state, act, dialog) {
  return frame(act, { title: dialog.title, role: 'alertdialog' },
    h('p', { dir: dialog.quotes ? 'auto' : null }, dialog.text),
    component('div', { key: 'answer', class: 'stack' }, (local) => [
      errorLine(local.error),
      h('div', { class: 'dialog-actions' },
        button('Cancel', act.closeDialog, { autofocus: true }),
        button(dialog.yes, () => local.busy || settle(act, dialog, local), { look: dialog.danger ? 'danger' : 'primary', 'aria-disabled': local.busy })),
    ]));
}

/** @param {Actions} act @param {Fields} dialog @param {LocalState} local */
async function settle(act, dialog, local) {
  local.set({ busy: true, error: null });
  try {
    await dialog.run?.();
  } catch (error) {
    local.set({ busy: false, error });
    return;
  }
  if (local.unmounted) return;
  act.closeDialog();
  if (dialog.event) act.dispatch(dialog.event);
}
