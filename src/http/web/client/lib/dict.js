// Dictionaries whose keys other people choose: usernames, ids, emoji. They have no prototype, so that somebody who is
// called "constructor" or "toString" is found only where an entry was made for them. An ordinary object, an object made by
// spreading and the result of `Object.fromEntries` each inherit such names; so nothing else in the client makes dictionaries.
//
// Dictionaries are immutable: each of these functions gives a new one. Entries are read by index, by `in`, and with
// `Object.keys`, `values` and `entries`.

/**
 * A dictionary of these `[key, value]` pairs. The last of several with the same key counts.
 * @template T
 * @param {Iterable<[string, T]>} [entries]
 * @returns {Dict<T>}
 */
export function dict(entries = []) {
  const made = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}

/**
 * Everything that is in any of these; later ones win. They may be missing.
 * @template T
 * @param {...(Dict<T>|null|undefined)} dictionaries
 * @returns {Dict<T>}
 */
export function merged(...dictionaries) {
  return Object.assign(Object.create(null), ...dictionaries);
}

/**
 * The same with this entry added or replaced.
 * @template T
 * @param {Dict<T>} dictionary
 * @param {string} key
 * @param {T} value
 * @returns {Dict<T>}
 */
export function withEntry(dictionary, key, value) {
  const made = merged(dictionary);
  made[key] = value;
  return made;
}

/**
 * The same without this entry; the very same one where there is none.
 * @template T
 * @param {Dict<T>} dictionary
 * @param {string} key
 * @returns {Dict<T>}
 */
export function without(dictionary, key) {
  if (!(key in dictionary)) return dictionary;
  const made = merged(dictionary);
  delete made[key];
  return made;
}

/**
 * The same keys with what `change` makes of each value.
 * @template T, U
 * @param {Dict<T>} dictionary
 * @param {(value: T) => U} change
 * @returns {Dict<U>}
 */
export function mapped(dictionary, change) {
  return dict(Object.entries(dictionary).map(([key, value]) => [key, change(value)]));
}
