// What views ask of the state: computed from it, remembered as long as what it was computed from is the same.

import { nameKey } from './people.js';

/** Remembers the last result, as long as the arguments are the same (by identity). */
function remember(compute) {
  let last = null;
  let result;
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last[i])) {
      result = compute(...args);
      last = args;
    }
    return result;
  };
}

/** The username under which everything of deleted accounts stands. */
const DELETED = 'deleted-user';

const lastActivity = ({ last_message, created_at }) => last_message?.at ?? created_at;

const sorted = remember((sessions) => Object.values(sessions).sort((a, b) => {
  const [left, right] = [lastActivity(a), lastActivity(b)];
  return left < right ? 1 : left > right ? -1 : a.id < b.id ? 1 : -1;
}));

/** All sessions, latest activity first. */
export const listed = (state) => sorted(state.sessions);

/** Somebody by name: `{user, status?, last_seen?}`. A name never heard of is its own description. */
export function personOf(username, state) {
  return state.people[nameKey(username)] ?? { user: { username, display_name: username } };
}
