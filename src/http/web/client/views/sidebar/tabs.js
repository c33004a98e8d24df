// The tabs of the sidebar. Arrow keys move between them, as in the WAI-ARIA practices.

import { h } from '../../lib/dom.js';
import { unreadTotal } from '../../state/select.js';

export const PANEL = 'side-panel';

const TABS = [['chats', 'Chats'], ['people', 'People'], ['search', 'Search']];

/** The id of a tab, which labels its panel. @param {string} side */
export const tabId = (side) => `side-tab-${side}`;

/** The row of tabs. @param {State} state @param {Actions} act */
export function tabs(state, act) {
  /** @type {Fields} */
  const counts = { chats: [unreadTotal(state), 'unread'], people: [state.invites.in.length, 'waiting'] };
  return h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Sidebar', onkeydown: (event) => turn(event, state, act) },
    TABS.map(([side, label]) => tab(side, label, counts[side] ?? [0], state.view.side === side, act)));
}

/** @param {string} side @param {string} label @param {any[]} parts @param {boolean} chosen @param {Actions} act */
function tab(side, label, [count, what], chosen, act) {
  return h('button', {
    key: side, type: 'button', role: 'tab', id: tabId(side), class: 'tab', 'aria-selected': String(chosen),
    'aria-controls': PANEL, tabindex: chosen ? '0' : '-1', onclick: () => act.dispatch({ type: 'side', side }),
  },
    label,
    // The spaces are for the accessible name.
    count > 0 && [' ', h('span', { class: 'badge' }, capped(count)), ' ', h('span', { class: 'visually-hidden' }, what)]);
}

/** A count of at most four characters. @param {number} count */
export function capped(count) {
  return count > 999 ? '999+' : String(count);
}

/** @param {UiEvent} event @param {State} state @param {Actions} act */
function turn(event, state, act) {
  const backwards = getComputedStyle(event.currentTarget).direction === 'rtl';
  const here = TABS.findIndex(([side]) => side === state.view.side);
  const to = {
    ArrowRight: here + (backwards ? -1 : 1), ArrowLeft: here + (backwards ? 1 : -1), Home: 0, End: TABS.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const [side] = TABS[(to + TABS.length) % TABS.length];
  act.dispatch({ type: 'side', side });
  document.getElementById(tabId(side)).focus();
}
