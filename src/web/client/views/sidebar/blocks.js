// Whom one wants nothing from: loading them, blocking, unblocking.

import { h } from '../../lib/dom.js';
import { inWords } from '../../lib/words.js';

const path = (user) => `/blocks/${encodeURIComponent(user.username)}`;

/** Learns whom one has blocked. */
export async function loadBlocks(act) {
  try {
    const { blocks } = await act.rest('GET', '/blocks?limit=200');
    act.dispatch({ type: 'blocks', users: blocks });
  } catch {
    // Nobody asked for it: without the list nothing but "Unblock" is missing, and it is asked for again next time.
  }
}

/** Whether one has blocked this user. */
export function isBlocked(user, state) {
  return Boolean(state.blocks?.some(({ id }) => id === user.id));
}

/** Asks whether this user is really to be blocked. */
export function block(user, act) {
  act.dispatch({ type: 'dialog', dialog: {
    name: 'confirm',
    title: `Block ${user.display_name}?`,
    text: 'They can no longer write to you alone, invite you or see whether you are online. In groups and rooms nothing changes. They are not told.',
    yes: 'Block',
    danger: true,
    async run() {
      await act.rest('PUT', path(user));
      await loadBlocks(act);
    },
  } });
}

/** Wants to hear from this user again. */
export async function unblock(user, act) {
  try {
    await act.rest('DELETE', path(user));
    await loadBlocks(act);
  } catch (error) {
    act.dispatch({ type: 'toast', kind: 'error', text: inWords(error) });
  }
}

/** The button that takes a block back. */
export function unblockButton(user, act) {
  return h('button', { type: 'button', class: 'button small-button', onclick: () => unblock(user, act) }, 'Unblock');
}
