// Not written yet.

/** The tab that finds messages. */
export function search() {
  return null;
}
