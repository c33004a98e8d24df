// An area of the page whose modules come when it is first shown, so that the first load stays small. `fetchAreas` brings all
// the others once somebody does something here, or a little later: then there may be no connection, or a server with
// other modules.

import { h } from './dom.js';

/** Milliseconds that a page which is only looked at waits before it brings the rest. */
const PATIENCE = 10_000;

const areas = [];
let redraw = () => {};

/**
 * A view that is imported when it is first wanted.
 * @param {() => Promise<Function>} bring imports it
 * @returns {(…args) => any} the same view; until it is there, an empty place or what to do where it does not come
 */
export function area(bring) {
  let view = null;
  let coming = null;
  let failed = false;
  const fetch = () => {
    coming ??= bring().then(
      (found) => { view = found; },
      // Asked for again when somebody wants it.
      () => { coming = null; failed = true; },
    ).then(() => redraw());
    return coming;
  };
  const again = () => {
    failed = false;
    fetch();
    redraw();
  };
  areas.push(fetch);
  return (...args) => {
    if (view) return view(...args);
    if (failed) return failure(again);
    fetch();
    return h('div', { key: 'area', class: 'main', 'aria-busy': 'true' });
  };
}

function failure(again) {
  return h('div', { key: 'area', class: 'main empty', role: 'alert' },
    h('p', null, 'This part of the page could not be loaded.'),
    h('button', { type: 'button', class: 'button', onclick: again }, 'Try again'));
}

/** Who draws the page anew when an area has come. @param {() => void} draw */
export function drawAreas(draw) {
  redraw = draw;
}

/** Brings every area, one after the other: from the first key or press on, or when the page has been open for a while. */
export function fetchAreas() {
  const begun = new AbortController();
  const bring = ([first, ...rest]) => first?.().then(() => bring(rest));
  const begin = () => {
    if (begun.signal.aborted) return;
    begun.abort();
    bring(areas);
  };
  for (const sign of ['pointerdown', 'keydown']) addEventListener(sign, begin, { signal: begun.signal, passive: true });
  setTimeout(begin, PATIENCE);
}
