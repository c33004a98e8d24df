// Positions in a scrolling list. Elements must be in order from top to bottom.

/** The top of an element relative to the visible part of the list. @param {any} element @param {any} scroller */
export function offset(element, scroller) {
  return element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

/** The index of the first element that begins in the visible part or below it. @param {any} elements @param {any} scroller */
export function firstBelow(elements, scroller) {
  return firstIndex(elements, (element) => offset(element, scroller) >= 0);
}

/** The number of the newest visible message, 0 if there is none. @param {any} elements @param {any} scroller */
export function newestSeen(elements, scroller) {
  const height = scroller.clientHeight;
  const at = firstIndex(elements, (element) => offset(element, scroller) + element.offsetHeight > height + 4);
  const cut = elements[at];
  // A message longer than the screen counts once it fills half of it.
  if (cut && offset(cut, scroller) < height / 2) return Number(cut.dataset.seq);
  return Number(elements[at - 1]?.dataset.seq ?? 0);
}

/**
 * The first index for which `test` holds, if it holds for all after it, too.
 * @param {any} list
 * @param {(element: any) => boolean} test
 */
function firstIndex(list, test) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
