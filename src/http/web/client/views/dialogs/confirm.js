// "Are you sure?": one sentence, and a button that says what will happen.

import { h } from '../../lib/dom.js';
import { part } from '../../lib/part.js';
import { inWords } from '../../lib/words.js';
import { close, frame } from './frame.js';

/**
 * `{title, text, yes, danger?, quotes?}` (`quotes`: the text is somebody's own and runs its own way), and either `event`, dispatched
 * when confirmed, or `run`, an async function: the dialog waits for it and says what went wrong.
 * @param {State} state
 * @param {Actions} act
 * @param {Fields} dialog
 */
export function confirm(state, act, dialog) {
  return frame(act, { title: dialog.title, role: 'alertdialog' },
    h('p', { dir: dialog.quotes ? 'auto' : null }, dialog.text),
    part('div', { key: 'answer', class: 'stack' }, (memory) => [
      h('div', { role: 'alert' }, memory.error && h('p', { class: 'error-text' }, inWords(memory.error))),
      h('div', { class: 'dialog-actions' },
        h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => close(act) }, 'Cancel'),
        h('button', {
          type: 'button', class: ['button', dialog.danger ? 'danger' : 'primary'], 'aria-disabled': memory.busy && 'true',
          onclick: () => memory.busy || settle(act, dialog, memory),
        }, dialog.yes)),
    ]));
}

/** @param {Actions} act @param {Fields} dialog @param {Memory} memory */
async function settle(act, dialog, memory) {
  memory.set({ busy: true, error: null });
  try {
    await dialog.run?.();
  } catch (error) {
    memory.set({ busy: false, error });
    return;
  }
  if (memory.gone) return;
  close(act);
  if (dialog.event) act.dispatch(dialog.event);
}
