// Blocked users: loading, blocking, unblocking.

import { button } from '../../lib/button.js';
import { isolate } from '../../lib/names.js';
import { labelOf } from '../../state/select.js';

/** @param {User} user */
export const blockPath = (user) => `/blocks/${encodeURIComponent(user.username)}`;

/** Loads all pages of the blocked users. @param {Actions} act */
export async function fetchBlocks(act) {
  const users = [];
  let cursor = '';
  do {
    const page = await act.rest('GET', `/blocks?limit=200${cursor}`);
    users.push(...page.blocks);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor);
  act.dispatch({ type: 'blocks', users });
}

/** The same for views that do without: only "Unblock" is missing then, and it is requested again next time. @param {Actions} act */
export function loadBlocks(act) {
  return fetchBlocks(act).catch(() => {});
}

/** Whether this user is blocked. @param {User} user @param {State} state */
export function isBlocked(user, state) {
  return Boolean(state.blocks?.some(({ id }) => id === user.id));
}

/** Blocks this user after a confirmation. @param {User} user @param {State} state @param {Actions} act */
export function block(user, state, act) {
  const name = isolate(labelOf(user, state));
  act.confirm({
    title: `Block ${name}?`,
    text: `${name} can no longer message you, invite you or see when you are online, and you cannot message them. They are not notified, but messages they send you are refused. In groups and rooms you still see each other’s messages.`,
    yes: 'Block',
    danger: true,
    async run() {
      await act.rest('PUT', blockPath(user));
      await loadBlocks(act);
    },
  });
}

/** Unblocks this user. @param {User} user @param {Actions} act */
export async function unblock(user, act) {
  await act.rest('DELETE', blockPath(user)).then(() => loadBlocks(act), act.showError);
}

/** The button that unblocks a user. @param {User} user @param {Actions} act */
export function unblockButton(user, act) {
  return button('Unblock', () => unblock(user, act), { look: 'small-button' });
}
