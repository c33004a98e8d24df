// Where the focus goes when what had it disappears: a browser would drop it, and a keyboard would begin at the top again.

/**
 * Does something that may take the pressed button away, and then looks after the focus.
 * @param {HTMLElement} around where another button may take over
 * @param {() => Promise<any>} does
 * @param {() => HTMLElement|null} otherwise who takes it when all of that is gone
 */
export async function keepFocus(around, does, otherwise) {
  await does();
  // The page follows the state with the next drawing.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const next = around.isConnected ? around.querySelector('button') : null;
    (next ?? otherwise())?.focus();
  }));
}
