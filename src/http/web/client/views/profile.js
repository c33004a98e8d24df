// Pressing a person opens the conversation with them, or their profile.

import { directWith } from '../state/select.js';

/**
 * Opens the conversation with a user, or their profile if there is none.
 * @param {string} username
 * @param {State} state
 * @param {Actions} act
 */
export function openPerson(username, state, act) {
  const known = directWith(username, state);
  if (known) act.openSession(known.id);
  else act.openDialog({ name: 'person', username });
}

/** Attributes of a row that can be pressed outside of its buttons, too. @param {() => void} press */
export function pressable(press) {
  return {
    /** @param {UiEvent} event */
    onclick: ({ target }) => target.closest('button, a, [role="menu"]') || press(),
  };
}
