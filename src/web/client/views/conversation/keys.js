// The list of messages by keyboard: from message to message, and what can be done with the one where the focus is.

import { toggleMenu } from './row.js';

/**
 * @param {KeyboardEvent} event
 * @param {{element: HTMLElement, talk: object, message: (seq: number) => object|undefined}} log its element, what can be done, and
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
  // A button or link inside keeps its own keys.
  const said = event.target === here && here?.dataset.seq ? log.message(Number(here.dataset.seq)) : undefined;
  if (!said || said.deleted) return;
  const button = here.querySelector('.actions');
  const run = {
    Enter: () => toggleMenu(button, talk.menu(said, button)),
    ContextMenu: () => toggleMenu(button, talk.menu(said, button)),
    F10: () => event.shiftKey && toggleMenu(button, talk.menu(said, button)),
    e: () => talk.edit(said),
    r: () => talk.reply(said),
    Delete: () => talk.delete(said),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

/** The message that an arrow leads to. */
function step(key, here, element) {
  if (key !== 'ArrowUp' && key !== 'ArrowDown' && key !== 'Home' && key !== 'End') return undefined;
  const all = [...element.querySelectorAll('article')];
  const at = here ? all.indexOf(here) : all.length;
  return all[{ ArrowUp: Math.max(0, at - 1), ArrowDown: Math.min(at + 1, all.length - 1), Home: 0, End: all.length - 1 }[key]];
}
