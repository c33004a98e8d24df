// Programs that change pages: a translator, and extensions that insert, wrap, move and remove nodes. They run inside of the page,
// and are deterministic for a seed.

/** How a text looks translated. */
export const translated = (text) => `⟦${text}⟧`;

/** The text that was translated. */
export const original = (text) => text.replace(/[⟦⟧]/g, '');

/**
 * Translates the page as Google Translate does: each text is replaced by `<font><font>…</font></font>`, now and whenever
 * something is new.
 */
export function translate(page) {
  return page.evaluate(() => {
    document.documentElement.classList.add('translated-ltr');
    const isDone = (node) => node.parentElement?.closest('font, textarea, script, style, [translate="no"]');
    const work = () => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) if (walker.currentNode.data.trim() && !isDone(walker.currentNode)) texts.push(walker.currentNode);
      for (const text of texts) {
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        inner.textContent = `⟦${text.data}⟧`;
        outer.append(inner);
        text.replaceWith(outer);
      }
    };
    work();
    new MutationObserver(work).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** An extension that changes `times` random nodes of the page. */
export function changeAtRandom(page, seed, times) {
  return page.evaluate(([seed, times]) => {
    let a = seed >>> 0;
    const random = () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), a | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const pick = (list) => list[Math.floor(random() * list.length)];
    const app = document.getElementById('app');
    const elements = () => [...app.querySelectorAll('*:not(svg):not(svg *):not(textarea):not(input)')];
    const texts = () => {
      const walker = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
      const all = [];
      while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('textarea, svg')) all.push(walker.currentNode);
      return all;
    };
    const doings = [
      // A reader or spelling tool highlights text.
      (element, text) => text.data.length > 2 && text.splitText(2),
      (element, text) => {
        const mark = document.createElement('mark');
        text.replaceWith(mark);
        mark.append(text);
      },
      (element, text) => {
        const font = document.createElement('font');
        font.textContent = `⟦${text.data}⟧`;
        text.replaceWith(font);
      },
      (element, text) => { text.data = `⟦${text.data}⟧`; },
      (element, text) => text.remove(),
      // A password or writing tool inserts something beside a field, or around an element.
      (element) => element.append(document.createElement('extension-icon')),
      (element) => element.before(document.createElement('extension-icon'), document.createComment('extension')),
      (element) => {
        const wrapper = document.createElement('extension-wrapper');
        element.replaceWith(wrapper);
        wrapper.append(element);
      },
      // A bilingual reader copies what it translates.
      (element, text) => {
        const copy = document.createElement('font');
        copy.textContent = `⟦${text.data}⟧`;
        text.after(copy);
      },
      (element) => element.replaceWith(element.cloneNode(true)),
      (element) => element.normalize(),
      // An extension that breaks things.
      (element) => element.remove(),
      (element) => pick(elements()).closest('.log, .chats, .dialog') !== element && !element.contains(document.activeElement) && document.body.append(element),
      (element) => { const other = pick(elements()); if (!element.contains(other)) other.append(element); },
      (element) => element.parentElement.prepend(element),
    ];
    for (let i = 0; i < times; i += 1) {
      const element = pick(elements());
      const text = pick(texts());
      if (element && text) pick(doings)(element, text);
    }
  }, [seed, times]);
}
