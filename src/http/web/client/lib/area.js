// An area of the page whose modules come when it is first shown, so that the first load stays small. `fetchAreas` brings all
// the others once somebody does something here, or a little later: then there may be no connection, or a server with
// other modules.

import { bounded, unshown } from './boundary.js';
import { h } from './dom.js';

/** Milliseconds that a page which is only looked at waits before it brings the rest. */
const PATIENCE = 10_000;

/** @type {{fetch: () => Promise<any>, again: () => void}[]} */
const areas = [];
let redraw = () => {};

/**
 * A view that is imported when it is first wanted.
 * @param {() => Promise<(...args: any[]) => View>} bring imports it
 * @param {{waiting?: () => View, lost?: (again: () => void, ...args: any[]) => View, broken?: (...args: any[]) => View}} [instead]
 *   what is shown until it is there, where it does not come, and where it cannot be drawn
 * @returns {(...args: any[]) => View} the same view
 */
export function area(bring, { waiting = place, lost = failure, broken = () => unshown('area') } = {}) {
  /** @type {any} */
  let view = null;
  /** @type {any} */
  let coming = null;
  let wanted = false;
  let failed = false;
  const fetch = () => {
    coming ??= bring().then(
      (found) => { view = found; },
      // Asked for again when somebody wants it; until then nobody need know.
      () => { coming = null; failed = wanted; },
    ).then(() => redraw());
    return coming;
  };
  const again = () => {
    if (!failed) return;
    failed = false;
    fetch();
    redraw();
  };
  areas.push({ fetch, again });
  return (...args) => {
    if (view) return bounded(() => view(...args), () => broken(...args));
    if (failed) return lost(again, ...args);
    wanted = true;
    fetch();
    return waiting();
  };
}

function place() {
  return h('div', { key: 'area', class: 'main', 'aria-busy': 'true' }, h('p', { class: 'loading late' }, 'Loading…'));
}

/** @param {() => void} again */
function failure(again) {
  return h('div', { key: 'area', class: 'main empty', role: 'alert' },
    h('p', null, 'This part of the page could not be loaded.'),
    h('button', { type: 'button', class: 'button', onclick: again }, 'Try again'));
}

/** Tries once more for what did not come. */
export function retryAreas() {
  for (const { again } of areas) again();
}

/** Who draws the page anew when an area has come. @param {() => void} draw */
export function drawAreas(draw) {
  redraw = draw;
}

/** Brings every area, one after the other: from the first key or press on, or when the page has been open for a while. */
export function fetchAreas() {
  const begun = new AbortController();
  /** @param {any[]} parts */
  const bring = ([first, ...rest]) => first?.fetch().then(() => bring(rest));
  const begin = () => {
    if (begun.signal.aborted) return;
    begun.abort();
    bring(areas);
  };
  for (const sign of ['pointerdown', 'keydown']) addEventListener(sign, begin, { signal: begun.signal, passive: true });
  setTimeout(begin, PATIENCE);
}
