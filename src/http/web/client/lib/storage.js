// What outlives the page in this browser, by user: one entry of localStorage each, so that several tabs never write over
// each other's. Where there is no storage, or it is full, everything works until the page is left.

/** A user's shelf. @param {string} user their id */
export function shelf(user) {
  const place = `parlor:${user}:`;

  return {
    /** @param {string} name @param {object} value */
    put(name, value) {
      try {
        localStorage.setItem(place + name, JSON.stringify(value));
      } catch {
        // Full, or not allowed.
      }
    },

    /** @param {string} name */
    remove(name) {
      try {
        localStorage.removeItem(place + name);
      } catch {
        // Not allowed.
      }
    },

    /** All entries whose names begin so, as `[rest of the name, value]`. @param {string} prefix @returns {any} */
    list(prefix) {
      return names(place + prefix).map((key) => [key.slice(place.length + prefix.length), read(key)])
        .filter(([, value]) => value !== null);
    },

    wipe() {
      for (const key of names(place)) this.remove(key.slice(place.length));
    },

    /**
     * Tells of what other tabs change: `told(name, value)`, `null` for what they remove. Returns how to stop.
     * @param {(name: string, value: any) => void} told
     */
    watch(told) {
      /** @param {StorageEvent} event */
      const heard = ({ key, newValue }) => {
        if (key?.startsWith(place)) told(key.slice(place.length), parse(newValue));
      };
      addEventListener('storage', heard);
      return () => removeEventListener('storage', heard);
    },
  };
}

/** @param {string} prefix */
function names(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** @param {string} key */
function read(key) {
  try {
    return parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** @param {string|null} text */
function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
