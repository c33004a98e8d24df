// Where one is logged in, and ending what should not be.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { load, loaded } from '../../lib/load.js';
import { part } from '../../lib/part.js';
import { moment, shortTime } from '../../lib/time.js';
import { inWords } from '../../lib/words.js';
import { section, toHeading } from './account-section.js';

const PAGE = 50;

/** The section for it. Another `version` loads anew. @param {State} state @param {Actions} act @param {number} version */
export function logins(state, act, version) {
  return section(`logins-${version}`, 'Where you are logged in',
    part('div', { key: 'list', class: 'stack', begin: (memory) => { load(memory, () => act.rest('GET', `/tokens?limit=${PAGE}`)); } },
      (memory) => loaded(memory, () => [
        h('ul', { key: 'list', class: 'account-list', 'aria-label': 'Logins' }, boundedRows(memory.tokens, (token) => row(state, act, memory, token))),
        h('div', { key: 'error', role: 'alert' }, memory.refused && h('p', { class: 'error-text' }, inWords(memory.refused))),
        memory.next && h('button', { key: 'more', type: 'button', class: 'button quiet', onclick: () => more(act, memory) }, 'Show more'),
      ])));
}

/** @param {State} state @param {Actions} act @param {Memory} memory @param {Login} token */
function row(state, act, memory, token) {
  const device = token.device ?? 'Unknown device';
  return h('li', { key: token.id },
    icon('key'),
    h('div', { class: 'grow' },
      h('p', null, h('bdi', null, device), token.current && [' ', h('span', { class: 'tag' }, 'this device')]),
      h('p', { class: 'muted small', title: `Logged in ${moment(token.created_at)}` }, 'Last used ', shortTime(token.last_used_at, state.now))),
    // The login that is looked at ends by logging out.
    !token.current && h('button', {
      type: 'button', class: 'button', 'aria-label': `Log out on ${device}`, onclick: (event) => end(act, memory, token, event.currentTarget),
    }, 'Log out'));
}

/** @param {Actions} act @param {Memory} memory @param {Login} login @param {any} button */
async function end(act, memory, { id }, button) {
  memory.set({ refused: null });
  try {
    await act.rest('DELETE', `/tokens/${id}`);
  } catch (refused) {
    // Ended meanwhile is ended all the same.
    if (refused.code !== 'not_found') return memory.set({ refused });
  }
  toHeading(button);
  memory.set({ tokens: memory.tokens.filter((token) => token.id !== id) });
}

/** @param {Actions} act @param {Memory} memory */
async function more(act, memory) {
  try {
    const { tokens, next } = await act.rest('GET', `/tokens?limit=${PAGE}&cursor=${encodeURIComponent(memory.next)}`);
    memory.set({ tokens: [...memory.tokens, ...tokens], next, refused: null });
  } catch (refused) {
    memory.set({ refused });
  }
}
