// Errors that a boundary has caught go to the console like uncaught ones, but each only once: a view that fails would report with
// every render.

/** Remembered errors. */
const MOST = 100;

const reported = new Set();

/** @param {any} error */
export function report(error) {
  const text = String(error?.stack ?? error);
  if (reported.has(text)) return;
  if (reported.size >= MOST) reported.clear();
  reported.add(text);
  reportError(error);
}
