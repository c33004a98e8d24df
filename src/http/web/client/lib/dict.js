// Dictionaries with keys that users choose: usernames, ids, emoji. They have no prototype, so that `constructor` or `toString` is
// found only where such an entry was made. Object literals, spread objects and the result of `Object.fromEntries` inherit these
// names, so nothing else in the client makes dictionaries.
//
// Dictionaries are immutable: each function returns a new one. Entries are read by index, by `in`, and with `Object.keys`,
// `values` and `entries`.

/**
 * A dictionary of these `[key, value]` pairs; the last of several with the same key counts.
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
 * All entries of these; later ones win. They may be missing.
 * @template T
 * @param {...(Dict<T>|null|undefined)} dictionaries
 * @returns {Dict<T>}
 */
export function merged(...dictionaries) {
  return Object.assign(Object.create(null), ...dictionaries);
}

/**
 * A copy with this entry added or replaced.
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
 * A copy without this entry; the dictionary itself where there is none.
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
 * A copy with every value changed.
 * @template T, U
 * @param {Dict<T>} dictionary
 * @param {(value: T) => U} change
 * @returns {Dict<U>}
 */
export function mapped(dictionary, change) {
  return dict(Object.entries(dictionary).map(([key, value]) => [key, change(value)]));
}
