// Errors of our own that a boundary has caught: on the browser's console like any uncaught one, but each only once, since what
// cannot be drawn is tried again with every drawing.

/** So many are remembered. */
const MOST = 100;

const reported = new Set();

/** Tells of an error. @param {any} error */
export function report(error) {
  const said = String(error?.stack ?? error);
  if (reported.has(said)) return;
  if (reported.size >= MOST) reported.clear();
  reported.add(said);
  reportError(error);
}
