// Who is logged in in this browser. The cookie belongs to all its tabs: where another one has come in as somebody else, this
// one would go on asking in that name without knowing.

const PLACE = 'parlor:holder';

/** The id of who has come in last, or null where nobody has or nothing is kept here. */
export function holder() {
  try {
    return localStorage.getItem(PLACE);
  } catch {
    return null;
  }
}

/** Tells the other tabs who has come in here. @param {string|null} user their id; null: nobody is in any more */
export function hold(user) {
  try {
    if (user === null) localStorage.removeItem(PLACE);
    else localStorage.setItem(PLACE, user);
  } catch {
    // Then the others find out when they connect again.
  }
}

/** Calls `told` when another tab has come in. @param {(...args: any[]) => void} told */
export function watchHolder(told) {
  addEventListener('storage', ({ key, newValue }) => key === PLACE && newValue !== null && told());
}
