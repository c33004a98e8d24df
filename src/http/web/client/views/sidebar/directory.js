// Searching users on the server, page by page. Results are in the local state of the component: `query` as typed, `name` that is
// searched, `found` and `foundFor` which name, `next` (cursor of the next page), `busy`, `error`.

import { contacts } from '../../state/select.js';

/** Milliseconds without input before a request. */
const PAUSE_MS = 250;

/**
 * Finds users whose username begins with this, or the first of all.
 * @param {LocalState} local
 * @param {Actions} act
 * @param {string} query
 */
export function find(local, act, query) {
  clearTimeout(local.timer);
  const name = query.trim();
  local.timer = setTimeout(() => load(local, act), local.query === undefined ? 0 : PAUSE_MS);
  local.set({ query, name, found: local.found ?? [], busy: true, error: null });
}

/** Loads the next page. @param {LocalState} local @param {Actions} act */
export function more(local, act) {
  if (!local.busy) load(local, act, local.next);
}

/**
 * Candidates: contacts with a matching name, and other users. The server searches usernames; display names are matched among
 * known users.
 * @returns {{known: User[], others: User[]}}
 * @param {LocalState} local
 * @param {State} state
 */
export function candidates({ name, found, foundFor }, state) {
  const wanted = name.toLocaleLowerCase();
  /** @param {User} user */
  const fits = ({ username, display_name: shown }) => [username, shown].some((text) => String(text).toLocaleLowerCase().includes(wanted));
  const known = contacts(state).map(({ user }) => user).filter(fits);
  const acquaintances = name ? Object.values(state.people).map(({ user }) => user).filter((user) => user.id && !user.deleted && fits(user)) : [];
  // Results for another name are kept, if they match, until the response for this one arrives.
  const others = [...found.filter((user) => foundFor === name || fits(user)), ...acquaintances];
  const ids = new Set([...known, state.me].map(({ id }) => id));
  return { known, others: others.filter(({ id }) => !ids.has(id) && ids.add(id)) };
}

/** Requests the first or, with a cursor, another page. @param {LocalState} local @param {Actions} act @param {string} [cursor] */
export async function load(local, act, cursor) {
  const { name } = local;
  local.set({ busy: true, error: null });
  const query = new URLSearchParams({ query: name, ...(cursor && { cursor }) });
  try {
    const { users, next = null } = await act.rest('GET', `/users?${query}`);
    // Further input is answered by a later request.
    if (local.unmounted || local.name !== name) return;
    act.dispatch({ type: 'people', users });
    local.set({ found: cursor ? [...local.found, ...users] : users, foundFor: name, next, busy: false });
  } catch (error) {
    if (!local.unmounted && local.name === name) local.set({ busy: false, error });
  }
}
