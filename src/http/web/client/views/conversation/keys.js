// Keyboard navigation in the list of messages, and shortcuts for the focused one.

import { focusComposer } from '../../lib/focus.js';
import { toggleMenu } from './row.js';

/**
 * @param {UiEvent} event
 * @param {{element: HTMLElement, actions: Fields, message: (seq: number) => Message|undefined}} log its element, the actions, and
 *   messages by number
 */
export function logKeys(event, log) {
  const { element, actions } = log;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const here = event.target.closest('article');
  const to = step(event.key, here, element);
  if (to) {
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: 'nearest' });
    return event.preventDefault();
  }
  if (event.key === 'Escape') {
    focusComposer();
    return event.preventDefault();
  }
  const message = here?.dataset.seq ? log.message(Number(here.dataset.seq)) : undefined;
  if (!message || message.deleted) return;
  const button = here.querySelector('.actions');
  const menu = () => toggleMenu(button, actions.menu(message, button));
  // A button or link inside handles Enter itself.
  const opens = event.target === here && (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey));
  const run = opens ? menu : {
    e: () => actions.edit(message),
    r: () => actions.reply(message),
    Delete: () => actions.delete(message),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

/** The message that a key leads to. @param {string} key @param {any} here @param {any} element */
function step(key, here, element) {
  if (key !== 'ArrowUp' && key !== 'ArrowDown' && key !== 'Home' && key !== 'End') return undefined;
  const all = [...element.querySelectorAll('article')];
  const at = here ? all.indexOf(here) : all.length;
  return all[{ ArrowUp: Math.max(0, at - 1), ArrowDown: Math.min(at + 1, all.length - 1), Home: 0, End: all.length - 1 }[key]];
}
