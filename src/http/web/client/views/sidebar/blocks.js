// Blocked people: loading them, blocking, unblocking.

import { h } from '../../lib/dom.js';
import { isolate } from '../../lib/names.js';
import { inWords } from '../../lib/words.js';
import { labelOf } from '../../state/select.js';

/** @param {User} user */
const path = (user) => `/blocks/${encodeURIComponent(user.username)}`;

/** Loads the people one has blocked. @param {Actions} act */
export async function loadBlocks(act) {
  try {
    const { blocks } = await act.rest('GET', '/blocks?limit=200');
    act.dispatch({ type: 'blocks', users: blocks });
  } catch {
    // Nobody asked for it: without the list nothing but "Unblock" is missing, and it is asked for again next time.
  }
}

/** Whether one has blocked this user. @param {User} user @param {State} state */
export function isBlocked(user, state) {
  return Boolean(state.blocks?.some(({ id }) => id === user.id));
}

/** Asks whether this user is really to be blocked. @param {User} user @param {State} state @param {Actions} act */
export function block(user, state, act) {
  const name = isolate(labelOf(user, state));
  act.dispatch({ type: 'dialog', dialog: {
    name: 'confirm',
    title: `Block ${name}?`,
    text: `${name} can no longer message you, invite you or see when you are online, and you cannot message them. They are not notified, but messages they send you are refused. In groups and rooms you still see each other’s messages.`,
    yes: 'Block',
    danger: true,
    async run() {
      await act.rest('PUT', path(user));
      await loadBlocks(act);
    },
  } });
}

/** Unblocks this user. @param {User} user @param {Actions} act */
export async function unblock(user, act) {
  try {
    await act.rest('DELETE', path(user));
    await loadBlocks(act);
  } catch (error) {
    act.dispatch({ type: 'toast', kind: 'error', text: inWords(error) });
  }
}

/** The button that takes a block back. @param {User} user @param {Actions} act */
export function unblockButton(user, act) {
  return h('button', { type: 'button', class: 'button small-button', onclick: () => unblock(user, act) }, 'Unblock');
}
