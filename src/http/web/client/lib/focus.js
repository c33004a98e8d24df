// Where the focus moves when the focused element is removed. A browser would drop it, and keyboard users would start at the top
// again.

/** Default targets, the first visible one counts: the details, the composer, the selected tab. */
const PLACES = ['.panel .pane-head a', '#composer', '.tab[aria-selected="true"]'];

/** Retries for such a target, and milliseconds between them. */
const TRIES = 20;
const PAUSE = 100;

/** Focuses an element once it is attached. @param {any} element */
export const focusSoon = (element) => queueMicrotask(() => element.focus());

/** Focuses the composer, if there is one. */
export const focusComposer = () => document.getElementById('composer')?.focus();

/** Calls `does` once the page has been rendered. @param {() => void} does */
export function whenDrawn(does) {
  // The render is due with the next frame and done with the one after it.
  requestAnimationFrame(() => requestAnimationFrame(does));
}

/**
 * After the next render, focuses the first of these targets, or a default one, if nothing has the focus.
 * @param {...(() => Element|null|undefined)} first
 */
export function rescueFocus(...first) {
  /** @param {number} tries */
  const rescue = (tries) => whenDrawn(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const places = [...first.map((find) => find()), ...PLACES.map((selector) => document.querySelector(selector))];
    /** @type {any} */
    const place = places.find((one) => one && one.getClientRects().length > 0);
    if (place) place.focus();
    // The target may still be loading.
    else if (tries > 0) setTimeout(() => rescue(tries - 1), PAUSE);
  });
  rescue(TRIES);
}

/**
 * Does something that may remove the pressed button, and then restores the focus.
 * @param {HTMLElement|null} around where another button may take the focus; null if a foreign script has moved the pressed one
 * @param {() => Promise<any>} does
 * @param {...(() => Element|null|undefined)} otherwise targets if `around` is removed as well
 */
export async function keepFocus(around, does, ...otherwise) {
  await does();
  rescueFocus(() => around?.querySelector('button'), ...otherwise);
}

/** For a list item that is removed: a neighbour takes its focus. @param {any} item */
export function passFocus(item) {
  if (!item.contains(document.activeElement)) return;
  /** @param {string} way */
  const button = (way) => {
    let other = item[way];
    while (other && !other.querySelector('button')) other = other[way];
    return other?.querySelector('button');
  };
  const next = button('nextElementSibling') ?? button('previousElementSibling');
  if (next) next.focus();
  else rescueFocus();
}
