// Memoisation of the last result.

/**
 * A function that is computed again only when an argument has changed, compared by identity. It remembers one result.
 * @param {(...args: any[]) => any} compute
 */
export function memo(compute) {
  /** @type {any[]|null} */
  let last = null;
  /** @type {any} */
  let result;
  /** @param {any[]} args */
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last?.[i])) {
      result = compute(...args);
      last = args;
    }
    return result;
  };
}
