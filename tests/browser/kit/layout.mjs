// Horizontal overflow: a page or pane that scrolls sideways, or a control outside of the window.

/** One line per overflowing element. */
export function overflowing(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const describe = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class')} "${element.textContent.trim().slice(0, 40)}"`;
    const found = [];
    if (document.scrollingElement.scrollWidth > width) found.push(`the page is ${document.scrollingElement.scrollWidth} wide in a window of ${width}`);
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const scrolls = ['auto', 'scroll'].includes(style.overflowX);
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`scrolls to the side: ${describe(element)}`);
      if (!element.matches('button, a, input, textarea, select, p, h1, h2, h3, .text') || element.closest('.visually-hidden, .skip')) continue;
      const { left, right, width: own } = element.getBoundingClientRect();
      if (own > 1 && (left < -1 || right > width + 1)) found.push(`stands from ${left} to ${right} in a window of ${width}: ${describe(element)}`);
    }
    return found;
  });
}
