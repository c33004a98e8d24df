// The sidebar: own account, invites, and one of three tabs.

import { boundedArea } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { invitations } from '../invites/index.js';
import { search } from '../search/index.js';
import { chats } from './chats.js';
import { head } from './head.js';
import { people } from './people.js';
import { PANEL, tabs, tabId } from './tabs.js';

/** @type {Fields} */
const CONTENT = { __proto__: null, chats, people, search };

/** @param {State} state @param {Actions} act */
export function sidebar(state, act) {
  const { side } = state.view;
  return h('nav', { class: 'sidebar', key: 'sidebar', 'aria-label': 'Conversations' },
    boundedArea('head', () => head(state, act)),
    boundedArea('invitations', () => invitations(state, act)),
    boundedArea('tabs', () => tabs(state, act)),
    h('div', { key: side, role: 'tabpanel', id: PANEL, class: 'side-panel', 'aria-labelledby': tabId(side) }, boundedArea(side, () => CONTENT[side](state, act))));
}
