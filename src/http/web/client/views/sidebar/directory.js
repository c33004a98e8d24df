// Looking people up on the server, page by page, for whoever lets one choose among them. What is found goes into the
// memory of the part that asks: `query` as it was typed, `name` that is looked for, `found` and `foundFor` which name, `next`
// (where more begins), `busy`, `error`.

import { contacts } from '../../state/select.js';

/** While one types no request is worth making. */
const PAUSE_MS = 250;

/** Finds people whose username begins with this, or the first of all. @param {Memory} memory @param {Actions} act @param {string} query */
export function find(memory, act, query) {
  clearTimeout(memory.timer);
  const name = query.trim();
  memory.timer = setTimeout(() => load(memory, act), memory.query === undefined ? 0 : PAUSE_MS);
  memory.set({ query, name, found: memory.found ?? [], busy: true, error: null });
}

/** The next page. @param {Memory} memory @param {Actions} act */
export function more(memory, act) {
  if (!memory.busy) load(memory, act, memory.next);
}

/** Asks again for what was refused. @param {Memory} memory @param {Actions} act */
export function retry(memory, act) {
  load(memory, act);
}

/**
 * Whom one may choose from: contacts whose name fits, and the others who were found. The server looks at usernames; by the
 * name that is shown those are found who were heard of before.
 * @returns {{known: User[], others: User[]}}
 * @param {Memory} memory
 * @param {State} state
 */
export function candidates({ name, found, foundFor }, state) {
  const wanted = name.toLocaleLowerCase();
  /** @param {User} user */
  const fits = ({ username, display_name: shown }) => [username, shown].some((text) => String(text).toLocaleLowerCase().includes(wanted));
  const known = contacts(state).map(({ user }) => user).filter(fits);
  const heard = name ? Object.values(state.people).map(({ user }) => user).filter((user) => user.id && !user.deleted && fits(user)) : [];
  // What was found for another name stays until the answer for this one is here, as far as it fits.
  const others = [...found.filter((user) => foundFor === name || fits(user)), ...heard];
  const ids = new Set([...known, state.me].map(({ id }) => id));
  return { known, others: others.filter(({ id }) => !ids.has(id) && ids.add(id)) };
}

/** @param {Memory} memory @param {Actions} act @param {string} [cursor] */
async function load(memory, act, cursor) {
  const { name } = memory;
  memory.set({ busy: true, error: null });
  const query = new URLSearchParams({ query: name, ...(cursor && { cursor }) });
  try {
    const { users, next = null } = await act.rest('GET', `/users?${query}`);
    // Whoever typed on is answered by a later request.
    if (memory.gone || memory.name !== name) return;
    act.dispatch({ type: 'people', users });
    memory.set({ found: cursor ? [...memory.found, ...users] : users, foundFor: name, next, busy: false });
  } catch (error) {
    if (!memory.gone && memory.name === name) memory.set({ busy: false, error });
  }
}
