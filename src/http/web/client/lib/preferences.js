// Choices of this browser, whoever uses it. A browser that keeps nothing (or is full) has the first choice each time.

const PREFIX = 'parlor:';

/** What was chosen, or null. @param {'way'|'notify'} name */
export function preferred(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Remembers a choice, where that is possible. @param {'way'|'notify'} name @param {string} choice */
export function prefer(name, choice) {
  try {
    localStorage.setItem(PREFIX + name, choice);
  } catch {
    // Then it holds only until the page is closed.
  }
}
