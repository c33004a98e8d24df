// What pressing a person does, wherever they are shown: it opens the conversation with them, or their profile.

import { directWith } from '../state/select.js';

/** Opens somebody's profile. @param {string} username @param {Actions} act */
export function showProfile(username, act) {
  act.dispatch({ type: 'dialog', dialog: { name: 'person', username } });
}

/**
 * Opens the conversation with somebody, or their profile where there is none yet.
 * @param {string} username
 * @param {State} state
 * @param {Actions} act
 */
export function openPerson(username, state, act) {
  const known = directWith(username, state);
  if (known) act.go({ name: 'session', id: known.id });
  else showProfile(username, act);
}

/** Attributes of a row whose empty parts can be pressed too; its buttons do what they did. @param {() => void} press */
export function pressable(press) {
  return {
    /** @param {UiEvent} event */
    onclick: ({ target }) => target.closest('button, a, [role="menu"]') || press(),
  };
}
