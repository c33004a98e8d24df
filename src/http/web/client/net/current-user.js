// The user logged in in this browser. All tabs share the cookie: when another tab logs in as another user, this one must not
// continue under that login. Without storage other tabs find out when they reconnect.

import { load, save } from '../lib/storage.js';

const KEY = 'parlor:holder';

/** The id of the user who logged in last, or null without login or storage. */
export const currentUser = () => load(KEY);

/** Publishes the user of this tab to other tabs. @param {string|null} user their id; null after a logout */
export const setCurrentUser = (user) => save(KEY, user);

/** Calls `changed` when another tab has logged in. @param {(...args: any[]) => void} changed */
export function watchCurrentUser(changed) {
  addEventListener('storage', ({ key, newValue }) => key === KEY && newValue !== null && changed());
}
