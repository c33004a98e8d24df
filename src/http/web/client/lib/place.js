// Popups inside of the window.

/** Pixels between a popup and the edge of the window. */
export const EDGE = 8;

/** Moves a popup to a position, or as close as it fits into the window. @param {any} element @param {number} left @param {number} top */
export function place(element, left, top) {
  const most = document.documentElement.clientWidth - element.offsetWidth - EDGE;
  element.style.setProperty('left', `${Math.max(EDGE, Math.min(left, most))}px`);
  element.style.setProperty('top', `${Math.max(EDGE, top)}px`);
}
