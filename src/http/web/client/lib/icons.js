// Icons: strokes in a 24 × 24 box. They are decorative; the button has the accessible name.

import { h } from './dom.js';

/** @type {Fields} */
const PATHS = {
  __proto__: null,
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2 12.5l4.5 4.5L16 7.5M11 16l1 1 9.5-9.5',
  clock: 'M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.2',
  plus: 'M12 5v14M5 12h14',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  send: 'M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4',
  smile: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c.8 1.2 2 1.9 3.5 1.900s2.7-.7 3.5-1.900M9 9.5v.2M15 9.5v.2',
  reply: 'M10 6l-6 6 6 6M4 12h10a6 6 0 0 1 6 6v1',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.700L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.700L12 17',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  people: 'M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.8 3.5 5.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c0-4 3.4-6.5 7.5-6.5s7.5 2.5 7.5 6.5',
  invite: 'M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM2.5 20.5c0-4 3.4-6.5 7.5-6.5 1.7 0 3.300.4 4.5 1.200M18 14v7M14.5 17.5h7',
  chat: 'M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-7l-5 4v-4H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5z',
  room: 'M6 21V4.5A1.5 1.5 0 0 1 7.5 3h9A1.5 1.5 0 0 1 18 4.5V21M3.5 21h17M14.5 12v.2',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.5v.2',
  down: 'M12 5v14M6 13l6 6 6-6',
  leave: 'M14 4H6v16h8M10 12h11M17 8l4 4-4 4',
  key: 'M8 9.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11.5 10.5L20 3M16.5 6l2.5 3',
  crown: 'M4 18h16M4 15l-1-8 5 3.5L12 5l4 5.5L21 7l-1 8z',
};

const DIRECTED = new Set(['back', 'reply', 'send', 'leave']);

/** Dots need a broader stroke than lines to be visible. @param {string} name */
export function icon(name) {
  return h('svg', { class: ['icon', DIRECTED.has(name) && 'directed', name === 'more' && 'broad'], viewBox: '0 0 24 24', 'aria-hidden': true }, h('path', { d: PATHS[name] }));
}
