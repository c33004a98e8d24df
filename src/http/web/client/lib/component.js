// A stateful component: an element whose children follow local state, such as what is loaded or unfolded in it. What other views
// need, or what must outlive the component, belongs to the global state.

import { bounded, unshown } from './boundary.js';
import { h, patch } from './dom.js';

/** Renders in a row at most: a component that changes its state with every render would never finish. */
const TIMES = 3;

const locals = new WeakMap();

/**
 * Describes an element whose children follow its local state.
 * @param {string} tag
 * @param {Props} props attributes as for `h`; `key` is required: another key starts with new local state. `begin(local)`
 *   initialises it and may start timers and requests; a function that it returns is called on unmount.
 * @param {(local: LocalState) => View} draw the children; called with the newest arguments of the view around it
 */
export function component(tag, { begin, ...props }, draw) {
  return h(tag, {
    ...props,
    mount(element) {
      /** @type {any} */
      const local = { unmounted: false };
      let drawing = false;
      let again = false;
      /** @param {Fields} fields */
      local.set = (fields) => {
        Object.assign(local, fields);
        // A change during a render (by a lost focus, for example) is rendered after it.
        again = true;
        if (drawing) return;
        drawing = true;
        try {
          // Before the first render there is nothing to update.
          for (let times = 0; again && times < TIMES && !local.unmounted && local.draw; times += 1) {
            again = false;
            patch(element, bounded(() => local.draw(local), unshown));
          }
        } finally {
          drawing = false;
        }
      };
      locals.set(element, local);
      local.end = bounded(() => begin?.(local), () => null);
      local.draw = draw;
      local.set();
      props.mount?.(element);
    },
    update(element) {
      const local = locals.get(element);
      local.draw = draw;
      local.set();
      props.update?.(element);
    },
    unmount(element) {
      const local = locals.get(element);
      local.unmounted = true;
      if (typeof local.end === 'function') local.end();
      // Unmounts the components inside.
      patch(element);
      props.unmount?.(element);
    },
  });
}

/** The local state of the component at this element. @returns {LocalState} @param {any} element */
export function localOf(element) {
  return locals.get(element);
}
