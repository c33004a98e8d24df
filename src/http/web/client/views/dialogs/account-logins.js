// The logins of the account, and ending them.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { errorLine, load, loaded } from '../../lib/load.js';
import { component } from '../../lib/component.js';
import { moment, shortTime } from '../../lib/time.js';
import { section, toHeading } from './account-section.js';

const PAGE = 50;

/** Another `version` loads the list again. @param {State} state @param {Actions} act @param {number} version */
export function logins(state, act, version) {
  return section(`logins-${version}`, 'Where you are logged in',
    component('div', { key: 'list', class: 'stack', begin: (local) => { load(local, () => act.rest('GET', `/tokens?limit=${PAGE}`)); } },
      (local) => loaded(local, () => [
        h('ul', { key: 'list', class: 'account-list', 'aria-label': 'Logins' }, boundedRows(local.tokens, (token) => row(state, act, local, token))),
        errorLine(local.refused),
        local.next && button('Show more', () => more(act, local), { key: 'more', look: 'quiet' }),
      ])));
}

/** @param {State} state @param {Actions} act @param {LocalState} local @param {Login} token */
function row(state, act, local, token) {
  const device = token.device ?? 'Unknown device';
  return h('li', { key: token.id },
    icon('key'),
    h('div', { class: 'grow' },
      h('p', null, bdi(device), token.current && [' ', h('span', { class: 'tag' }, 'this device')]),
      h('p', { class: 'muted small', title: `Logged in ${moment(token.created_at)}` }, 'Last used ', shortTime(token.last_used_at, state.now))),
    // The current login ends by logging out.
    !token.current && button('Log out', (event) => end(act, local, token, event.currentTarget), { 'aria-label': `Log out on ${device}` }));
}

/** @param {Actions} act @param {LocalState} local @param {Login} login @param {any} button */
async function end(act, local, { id }, button) {
  local.set({ refused: null });
  try {
    await act.rest('DELETE', `/tokens/${id}`);
  } catch (refused) {
    // Already ended is success.
    if (refused.code !== 'not_found') return local.set({ refused });
  }
  toHeading(button);
  local.set({ tokens: local.tokens.filter((token) => token.id !== id) });
}

/** @param {Actions} act @param {LocalState} local */
async function more(act, local) {
  try {
    const { tokens, next } = await act.rest('GET', `/tokens?limit=${PAGE}&cursor=${encodeURIComponent(local.next)}`);
    local.set({ tokens: [...local.tokens, ...tokens], next, refused: null });
  } catch (refused) {
    local.set({ refused });
  }
}
