// localStorage, of which nothing depends: without it, or when it is full, everything works until the page is closed.

/** @param {string} key */
export function load(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string|null} text null removes the entry */
export function save(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Full, or not allowed.
  }
}

/**
 * The entries of one user as JSON, one key each, so that tabs do not overwrite each other's.
 * @param {string} user their id
 */
export function userStorage(user) {
  const prefix = `parlor:${user}:`;

  return {
    /** @param {string} name @param {object} value */
    put: (name, value) => save(prefix + name, JSON.stringify(value)),

    /** @param {string} name */
    remove: (name) => save(prefix + name, null),

    /** All entries whose names begin with `kind`, as `[rest of the name, value]`. @param {string} kind @returns {any} */
    list(kind) {
      return keys(prefix + kind).map((key) => [key.slice(prefix.length + kind.length), parse(load(key))])
        .filter(([, value]) => value !== null);
    },

    wipe() {
      for (const key of keys(prefix)) save(key, null);
    },

    /**
     * Calls `listener(name, value)` for changes by other tabs, with `null` for a removed entry. Returns a function that stops it.
     * @param {(name: string, value: any) => void} listener
     */
    watch(listener) {
      /** @param {StorageEvent} event */
      const onStorage = ({ key, newValue }) => {
        if (key?.startsWith(prefix)) listener(key.slice(prefix.length), parse(newValue));
      };
      addEventListener('storage', onStorage);
      return () => removeEventListener('storage', onStorage);
    },
  };
}

/** @param {string} prefix */
function keys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
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

/** A preference of this browser, shared by all users, or null. @param {'way'|'notify'} name */
export const preferred = (name) => load(`parlor:${name}`);

/** @param {'way'|'notify'} name @param {string} choice */
export const prefer = (name, choice) => save(`parlor:${name}`, choice);
