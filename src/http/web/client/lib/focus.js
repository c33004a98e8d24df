// Where the focus goes when what had it disappears: a browser would drop it, and a keyboard would begin at the top again.

/** Where one goes on, the first of these that is to be seen: the details, the field to write in, the list. */
const PLACES = ['.panel .pane-head a', '#composer', '.tab[aria-selected="true"]'];

/** How often, and after how many milliseconds, such a place is looked for again. */
const TRIES = 20;
const PAUSE = 100;

/** Does something once the page has followed the state. @param {() => void} does */
export function whenDrawn(does) {
  // The drawing is due with the next frame, and done with the one after it.
  requestAnimationFrame(() => requestAnimationFrame(does));
}

/**
 * Looks after the focus once the page is drawn: where nothing has it any more, one goes on at the first of these places, or
 * where one usually does.
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
    // The part of the page that has one may still be on its way.
    else if (tries > 0) setTimeout(() => rescue(tries - 1), PAUSE);
  });
  rescue(TRIES);
}

/**
 * Does something that may take the pressed button away, and then looks after the focus.
 * @param {HTMLElement|null} around where another button may take over; null where somebody has moved the pressed one elsewhere
 * @param {() => Promise<any>} does
 * @param {...(() => Element|null|undefined)} otherwise who takes it when all of that is gone
 */
export async function keepFocus(around, does, ...otherwise) {
  await does();
  rescueFocus(() => around?.querySelector('button'), ...otherwise);
}

/** For an item of a list that goes: a neighbour takes its focus. @param {any} item */
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
