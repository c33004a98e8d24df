// What a view says, and the page that follows it: `h` describes an element, `patch` makes the page so.
//
// A view is a function from state to descriptions. `patch` compares them with the last ones and touches only what
// differs, so focus, the caret and scrolling survive. The same description object twice means "nothing changed here":
// whoever keeps one (see `memo`) saves the comparison. Text only ever becomes a text node, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** Set as properties, since as attributes they would only say how the element began. */
const LIVE = new Set(['value', 'checked', 'disabled', 'hidden', 'selected', 'indeterminate', 'open']);

/**
 * Describes an element.
 * @param {string} tag
 * @param {object|null} props attributes, and besides them:
 *   `key` (names the element among its siblings), `on…` (handlers, lower case), `class` (a string, or a list with falsy gaps),
 *   `data` (an object), `mount(element)`, `update(element)` after each comparison, `unmount(element)`.
 *   A value that is `null`, `undefined` or `false` leaves the attribute out; `true` gives it no value.
 * @param {...any} children descriptions, texts, numbers, lists of them; falsy ones are left out (0 is shown)
 */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, key: props?.key, children: flatten(children, []) };
}

function flatten(list, into) {
  for (const child of list) {
    if (Array.isArray(child)) flatten(child, into);
    else if (child !== null && child !== undefined && child !== false && child !== true && child !== '') {
      into.push(typeof child === 'object' ? child : { text: String(child) });
    }
  }
  return into;
}

/** Makes the children of `parent` what the descriptions say. `parent` belongs to `patch` alone from then on. */
export function patch(parent, ...children) {
  const next = flatten(children, []);
  reconcile(parent, parent.vnodes ?? [], next, parent.namespaceURI === SVG);
  parent.vnodes = next;
}

/**
 * A view that is computed anew only when one of its arguments is another one (compared by identity).
 * One such function remembers one result.
 */
export function memo(view) {
  let last = null;
  let result = null;
  return (...args) => {
    if (!last || args.length !== last.length || args.some((arg, i) => arg !== last[i])) {
      result = view(...args);
      last = args;
    }
    return result;
  };
}

function same(a, b) {
  return a.tag === b.tag && a.key === b.key;
}

function reconcile(parent, old, next, svg) {
  let start = 0;
  let oldEnd = old.length;
  let nextEnd = next.length;
  // Most lists change at one end: what is equal on both sides is settled first.
  while (start < oldEnd && start < nextEnd && same(old[start], next[start])) {
    revise(old[start], next[start], svg);
    start += 1;
  }
  while (oldEnd > start && nextEnd > start && same(old[oldEnd - 1], next[nextEnd - 1])) {
    oldEnd -= 1;
    nextEnd -= 1;
    revise(old[oldEnd], next[nextEnd], svg);
  }
  const keyed = new Map();
  const rest = [];
  for (let i = start; i < oldEnd; i += 1) {
    if (old[i].key !== undefined) keyed.set(old[i].key, old[i]);
    else rest.push(old[i]);
  }
  const used = new Set();
  let after = nextEnd < next.length ? next[nextEnd].dom : (oldEnd < old.length ? old[oldEnd].dom : null);
  // From the end, so that the element each one stands before is already there.
  for (let i = nextEnd - 1; i >= start; i -= 1) {
    const vnode = next[i];
    let known = vnode.key !== undefined ? keyed.get(vnode.key) : undefined;
    if (known && known.tag !== vnode.tag) known = undefined;
    if (!known && vnode.key === undefined) {
      const at = rest.findLastIndex((other) => other.tag === vnode.tag && !used.has(other));
      if (at >= 0) known = rest[at];
    }
    if (known && !used.has(known)) {
      used.add(known);
      revise(known, vnode, svg);
      if (vnode.dom.nextSibling !== after) parent.insertBefore(vnode.dom, after);
    } else {
      parent.insertBefore(create(vnode, svg), after);
    }
    after = vnode.dom;
  }
  for (let i = start; i < oldEnd; i += 1) {
    if (!used.has(old[i])) remove(parent, old[i]);
  }
}

function create(vnode, svg) {
  if (vnode.tag === undefined) {
    vnode.dom = document.createTextNode(vnode.text);
    return vnode.dom;
  }
  const inSvg = svg || vnode.tag === 'svg';
  const element = inSvg ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  vnode.dom = element;
  const { value, ...others } = vnode.props;
  for (const [name, given] of Object.entries(others)) set(element, name, undefined, given);
  for (const child of vnode.children) element.append(create(child, inSvg));
  // After the children: a `select` has no value before its options.
  if (value !== undefined) set(element, 'value', undefined, value);
  vnode.props.mount?.(element);
  return element;
}

function revise(old, next, svg) {
  if (old === next) return;
  next.dom = old.dom;
  if (next.tag === undefined) {
    if (old.text !== next.text) next.dom.data = next.text;
    return;
  }
  const element = next.dom;
  for (const name of Object.keys(old.props)) {
    if (!(name in next.props)) set(element, name, old.props[name], undefined);
  }
  for (const [name, value] of Object.entries(next.props)) {
    if (name !== 'value') set(element, name, old.props[name], value);
  }
  reconcile(element, old.children, next.children, svg || next.tag === 'svg');
  if ('value' in next.props) set(element, 'value', old.props.value, next.props.value);
  next.props.update?.(element);
}

function remove(parent, vnode) {
  farewell(vnode);
  parent.removeChild(vnode.dom);
}

function farewell(vnode) {
  vnode.props?.unmount?.(vnode.dom);
  for (const child of vnode.children ?? []) farewell(child);
}

function set(element, name, old, value) {
  if (name === 'key' || name === 'mount' || name === 'update' || name === 'unmount') return;
  if (name === 'class') {
    const names = Array.isArray(value) ? value.filter(Boolean).join(' ') : (value ?? '');
    if (element.getAttribute('class') !== names) element.setAttribute('class', names);
  } else if (name === 'data') {
    for (const key of Object.keys(old ?? {})) if (!(key in (value ?? {}))) delete element.dataset[key];
    for (const [key, text] of Object.entries(value ?? {})) {
      if (text === null || text === undefined || text === false) delete element.dataset[key];
      else if (element.dataset[key] !== String(text)) element.dataset[key] = text;
    }
  } else if (name.startsWith('on')) {
    element[name] = value ?? null;
  } else if (LIVE.has(name) && name in element) {
    // A value is compared with what is there now, which the user may have changed.
    const wanted = name === 'value' ? (value ?? '') : Boolean(value);
    if (element[name] !== wanted) element[name] = wanted;
  } else if (value !== old) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : value);
  }
}
