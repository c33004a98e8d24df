// A virtual DOM: `h` describes an element, `patch` makes the page follow the descriptions.
//
// A view is a function from state to descriptions. `patch` compares them with the last ones and touches only what differs, so
// focus, caret and scroll position survive. The same description object twice means "unchanged" and skips the comparison (see
// `memo`). Text only ever becomes a text node, never markup.
//
// Other programs change the page too: see the end of this file.

import { report } from './report.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Set as properties; as attributes they would only be initial values. */
const LIVE = new Set(['value', 'checked', 'hidden']);

/**
 * Describes an element.
 * @param {string} tag
 * @param {Props|null} props attributes, and besides them:
 *   `key` (identifies the element among its siblings), `on…` (handlers, lower case), `class` (a string, or a list with falsy gaps),
 *   `data` (an object), `mount(element)`, `update(element)` after each comparison, `unmount(element)`.
 *   A value that is `null`, `undefined` or `false` leaves the attribute out; `true` gives it no value, or "true" for `aria-…`.
 * @param {...any} children descriptions, texts, numbers, lists of them; falsy ones are left out (0 is shown)
 * @returns {VNode}
 */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, key: props?.key, children: flatten(children, []) };
}

/** A name or title in a text, which keeps its own direction. @param {string} text */
export const bdi = (text) => h('bdi', null, text);

/** @param {any} list @param {any[]} into */
function flatten(list, into) {
  for (const child of list) {
    if (Array.isArray(child)) flatten(child, into);
    else if (child === 0 || (child && child !== true)) {
      into.push(typeof child === 'object' ? child : { text: String(child) });
    }
  }
  return into;
}

/** Marks the nodes that the client has created; all others are foreign. */
const OURS = Symbol('made by the client');

/**
 * Makes the children of `parent` follow the descriptions, whatever others have done to them meanwhile.
 * @param {any} parent
 * @param {...any} children
 */
export function patch(parent, ...children) {
  const next = flatten(children, []);
  parent[OURS] = true;
  reconcile(parent, parent.vnodes ?? [], next, parent.namespaceURI === SVG);
  parent.vnodes = next;
}

/**
 * Renders an emptied page, for when `patch` has failed: no existing node is used again.
 * @param {any} parent
 * @param {...any} children
 */
export function rebuild(parent, ...children) {
  parent.replaceChildren();
  parent.vnodes = [];
  patch(parent, ...children);
}

/** @param {VNode} a @param {VNode} b */
function same(a, b) {
  return a.tag === b.tag && a.key === b.key;
}

/**
 * Makes the children of `parent` those of `next`.
 * @returns {boolean} whether a text, or which elements there are, changed
 * @param {any} parent
 * @param {any} old
 * @param {any} next
 * @param {boolean} svg
 */
function reconcile(parent, old, next, svg) {
  if (old.length === 0 && next.length === 0) return false;
  let shared = !isUntouched(parent, old);
  if (shared && !(isAlike(old, next) && isReadable(parent, old))) {
    restore(parent, old);
    shared = false;
  }
  let start = 0;
  let oldEnd = old.length;
  let nextEnd = next.length;
  let changed = false;
  // Most lists change at one end: equal beginnings and ends are settled first.
  while (start < oldEnd && start < nextEnd && same(old[start], next[start])) {
    if (revise(old[start], next[start], svg)) changed = true;
    start += 1;
  }
  while (oldEnd > start && nextEnd > start && same(old[oldEnd - 1], next[nextEnd - 1])) {
    oldEnd -= 1;
    nextEnd -= 1;
    if (revise(old[oldEnd], next[nextEnd], svg)) changed = true;
  }
  if (start < oldEnd || start < nextEnd) {
    replace(parent, old, next, { start, oldEnd, nextEnd, svg });
    changed = true;
  }
  // Foreign nodes refer to what stood there before.
  if (shared && changed) restore(parent, next);
  return changed;
}

/**
 * Replaces the section in which the lists differ.
 * @param {any} parent
 * @param {any} old
 * @param {any} next
 * @param {Fields} options
 */
function replace(parent, old, next, { start, oldEnd, nextEnd, svg }) {
  const keyed = new Map();
  const rest = [];
  for (let i = start; i < oldEnd; i += 1) {
    if (old[i].key !== undefined) keyed.set(old[i].key, old[i]);
    else rest.push(old[i]);
  }
  const used = new Set();
  let after = nextEnd < next.length ? next[nextEnd].dom : (oldEnd < old.length ? old[oldEnd].dom : null);
  // From the end, so that the element to insert before is already placed.
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
    } else {
      create(vnode, svg);
    }
    place(parent, vnode.dom, after);
    after = vnode.dom;
  }
  for (let i = start; i < oldEnd; i += 1) {
    if (!used.has(old[i])) remove(old[i]);
  }
}

/**
 * Inserts a node before another one. A hook may have moved either of them.
 * @param {any} parent
 * @param {any} node
 * @param {any} after
 */
function place(parent, node, after) {
  const before = after?.parentNode === parent ? after : null;
  if (node.parentNode !== parent || node.nextSibling !== before) parent.insertBefore(node, before);
}

/** @param {any} vnode @param {boolean} svg */
function create(vnode, svg) {
  if (vnode.tag === undefined) {
    vnode.dom = document.createTextNode(vnode.text);
    vnode.dom[OURS] = true;
    return vnode.dom;
  }
  const inSvg = svg || vnode.tag === 'svg';
  /** @type {any} */
  const element = inSvg ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  element[OURS] = true;
  vnode.dom = element;
  const { value, ...others } = vnode.props;
  for (const [name, given] of Object.entries(others)) set(element, name, undefined, given);
  for (const child of vnode.children) element.append(create(child, inSvg));
  // After the children: a `select` has no value before its options.
  if (value !== undefined) set(element, 'value', undefined, value);
  call(vnode.props.mount, element);
  return element;
}

/**
 * @returns {boolean} whether something changed in it that those around must know: an element with a key keeps it to itself
 * @param {any} old
 * @param {any} next
 * @param {boolean} svg
 */
function revise(old, next, svg) {
  if (old === next) return false;
  next.dom = old.dom;
  if (next.tag === undefined) {
    if (old.text === next.text) return false;
    next.dom.data = next.text;
    return true;
  }
  const element = next.dom;
  for (const name of Object.keys(old.props)) {
    if (!(name in next.props)) set(element, name, old.props[name], undefined);
  }
  for (const [name, value] of Object.entries(next.props)) {
    if (name !== 'value') set(element, name, old.props[name], value);
  }
  const changed = reconcile(element, old.children, next.children, svg || next.tag === 'svg');
  if ('value' in next.props) set(element, 'value', old.props.value, next.props.value);
  call(next.props.update, element);
  return changed && next.key === undefined;
}

/** @param {VNode} vnode */
function remove(vnode) {
  unmount(vnode);
  vnode.dom.remove();
}

/** @param {VNode} vnode */
function unmount(vnode) {
  call(vnode.props?.unmount, vnode.dom);
  for (const child of vnode.children ?? []) {
    unmount(child);
    // Moved elsewhere by a foreign script, it would remain there.
    if (child.dom.parentNode !== vnode.dom) child.dom.remove();
  }
}

/**
 * Calls a hook of a view; an error in it does not affect the rest of the page.
 * @param {((element: any) => any)|null|undefined} hook
 * @param {any} element
 */
function call(hook, element) {
  if (!hook) return;
  try {
    hook(element);
  } catch (error) {
    report(error);
  }
}

// Other programs change the page too: translators replace texts by elements of their own, extensions insert nodes beside a field,
// highlight text, wrap, move or remove elements. While nothing changes in an element their changes are left alone; with the first
// change all foreign nodes in it are removed, since they refer to the old content.

/**
 * Whether the children of `parent` are exactly these; in one pass, without copying the list.
 * @param {any} parent
 * @param {VNode[]} vnodes
 */
function isUntouched(parent, vnodes) {
  let node = parent.firstChild;
  for (const { dom } of vnodes) {
    if (dom !== node) return false;
    node = node.nextSibling;
  }
  return node === null;
}

/** Whether nothing changes on this level. @param {VNode[]} old @param {VNode[]} next */
function isAlike(old, next) {
  return old.length === next.length && old.every((one, i) => same(one, next[i]) && one.text === next[i].text);
}

/**
 * Whether everything is still visible and in order: elements possibly wrapped by foreign ones, texts possibly replaced.
 * @param {any} parent
 * @param {VNode[]} vnodes
 */
function isReadable(parent, vnodes) {
  const there = [...parent.childNodes];
  const places = new Map(there.map((node, i) => [node, i]));
  /** @param {any} from @param {any} to */
  const isReplaced = (from, to) => there.slice(from + 1, to).some((node) => !node[OURS]);
  let at = -1;
  let missing = false;
  for (const { dom, tag } of vnodes) {
    const found = places.get(holderIn(parent, dom));
    if (found === undefined) {
      if (tag !== undefined) return false;
      missing = true;
    } else {
      if (found < at || (missing && !isReplaced(at, found))) return false;
      at = found;
      missing = false;
    }
  }
  return !missing || isReplaced(at, there.length);
}

/** The child of `parent` that contains a node, if only foreign elements are in between. @param {any} parent @param {any} node */
function holderIn(parent, node) {
  let holder = node;
  for (let around = holder.parentNode; around !== parent; around = holder.parentNode) {
    if (!around || around[OURS]) return null;
    holder = around;
  }
  return holder;
}

/**
 * Makes the children of `parent` exactly these, except for what the client itself has inserted beside them (a menu).
 * @param {any} parent
 * @param {VNode[]} vnodes
 */
function restore(parent, vnodes) {
  /** @type {any} */
  const focused = document.activeElement;
  for (const node of [...parent.childNodes]) if (!node[OURS]) node.remove();
  const listed = new Set(vnodes.map(({ dom }) => dom));
  /** @param {any} node */
  const following = (node) => {
    let next = node.nextSibling;
    while (next && !listed.has(next)) next = next.nextSibling;
    return next;
  };
  let after = null;
  for (let i = vnodes.length - 1; i >= 0; i -= 1) {
    const { dom, text } = vnodes[i];
    if (dom.parentNode !== parent || following(dom) !== after) parent.insertBefore(dom, after);
    if (text !== undefined && dom.data !== text) dom.data = text;
    after = dom;
  }
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

/** @param {any} element @param {string} name @param {any} old @param {any} value */
function set(element, name, old, value) {
  if (name === 'key' || name === 'mount' || name === 'update' || name === 'unmount') return;
  if (name === 'class') {
    const names = Array.isArray(value) ? value.filter(Boolean).join(' ') : (value ?? '');
    if (element.getAttribute('class') !== names) element.setAttribute('class', names);
  } else if (name === 'data') {
    for (const key of Object.keys({ ...old, ...value })) {
      const text = value?.[key] ?? false;
      if (text === false) delete element.dataset[key];
      else if (element.dataset[key] !== String(text)) element.dataset[key] = text;
    }
  } else if (name.startsWith('on')) {
    element[name] = value ?? null;
  } else if (LIVE.has(name) && name in element) {
    // Compared with the current value, which the user may have changed.
    const wanted = name === 'value' ? (value ?? '') : Boolean(value);
    if (element[name] !== wanted) element[name] = wanted;
  } else if (value !== old) {
    if ((value ?? false) === false) element.removeAttribute(name);
    // The states of ARIA have the value "true".
    else element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : value);
  }
}
