// The list of messages by keyboard: from message to message, and what can be done with the one where the focus is.

import { toggleMenu } from './row.js';

/**
 * @param {UiEvent} event
 * @param {{element: HTMLElement, talk: Fields, message: (seq: number) => Message|undefined}} log its element, what can be done, and
 *   what it knows by number
 */
export function logKeys(event, log) {
  const { element, talk } = log;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const here = event.target.closest('article');
  const to = step(event.key, here, element);
  if (to) {
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: 'nearest' });
    return event.preventDefault();
  }
  if (event.key === 'Escape') {
    document.getElementById('composer')?.focus();
    return event.preventDefault();
  }
  const said = here?.dataset.seq ? log.message(Number(here.dataset.seq)) : undefined;
  if (!said || said.deleted) return;
  const button = here.querySelector('.actions');
  const menu = () => toggleMenu(button, talk.menu(said, button));
  // A button or link inside has its own Enter.
  const opens = event.target === here && (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey));
  const run = opens ? menu : {
    e: () => talk.edit(said),
    r: () => talk.reply(said),
    Delete: () => talk.delete(said),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

/** The message that an arrow leads to. @param {string} key @param {any} here @param {any} element */
function step(key, here, element) {
  if (key !== 'ArrowUp' && key !== 'ArrowDown' && key !== 'Home' && key !== 'End') return undefined;
  const all = [...element.querySelectorAll('article')];
  const at = here ? all.indexOf(here) : all.length;
  return all[{ ArrowUp: Math.max(0, at - 1), ArrowDown: Math.min(at + 1, all.length - 1), Home: 0, End: all.length - 1 }[key]];
}
