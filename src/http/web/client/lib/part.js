// A part of a view with a memory of its own: what is typed, loaded or unfolded there and matters to nobody else. What
// others must know, or what must outlive the part, belongs to the state instead.

import { bounded, unshown } from './boundary.js';
import { h, patch } from './dom.js';

/** How often in a row a part is drawn at most: one that changes its memory with each drawing would never be done. */
const TIMES = 3;

const memories = new WeakMap();

/**
 * Describes an element whose children follow its memory.
 * @param {string} tag
 * @param {Props} props attributes as for `h`; `key` is needed: another key begins with a new memory. `begin(memory)` fills
 *   the memory and may start timers and requests; what it gives back, if a function, is called when the part goes.
 * @param {(memory: Memory) => View} draw the children; called with the newest arguments of the view around it
 */
export function part(tag, { begin, ...props }, draw) {
  return h(tag, {
    ...props,
    mount(element) {
      /** @type {any} */
      const memory = { gone: false };
      let drawing = false;
      let again = false;
      /** @param {Fields} fields */
      memory.set = (fields) => {
        Object.assign(memory, fields);
        // What changes a memory while its part is being drawn (the focus goes, say) is drawn behind that.
        again = true;
        if (drawing) return;
        drawing = true;
        try {
          // Until the first drawing there is nothing to draw again.
          for (let times = 0; again && times < TIMES && !memory.gone && memory.draw; times += 1) {
            again = false;
            patch(element, bounded(() => memory.draw(memory), unshown));
          }
        } finally {
          drawing = false;
        }
      };
      memories.set(element, memory);
      memory.end = bounded(() => begin?.(memory), () => null);
      memory.draw = draw;
      memory.set();
      props.mount?.(element);
    },
    update(element) {
      const memory = memories.get(element);
      memory.draw = draw;
      memory.set();
      props.update?.(element);
    },
    unmount(element) {
      const memory = memories.get(element);
      memory.gone = true;
      if (typeof memory.end === 'function') memory.end();
      // Parts inside have their own ends.
      patch(element);
      props.unmount?.(element);
    },
  });
}

/** What the part at this element remembers. @returns {Memory} @param {any} element */
export function recall(element) {
  return memories.get(element);
}
