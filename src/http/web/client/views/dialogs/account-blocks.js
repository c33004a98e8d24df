// Who is blocked, and unblocking them.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { load, loaded } from '../../lib/load.js';
import { part } from '../../lib/part.js';
import { inWords } from '../../lib/words.js';
import { avatar } from '../avatar.js';
import { section, toHeading } from './account-section.js';

/** The section for it. @param {Actions} act */
export function blocks(act) {
  return section('blocks', 'Blocked people',
    part('div', { key: 'list', class: 'stack', begin: (memory) => { load(memory, () => everyone(act)); } }, (memory) => loaded(memory, () => [
      h('p', { key: 'words', class: 'muted small' }, 'Blocked people cannot message you, invite you or see when you are online. In groups and rooms you still see each other’s messages.'),
      memory.users.length === 0
        ? h('p', { key: 'none', class: 'muted' }, 'No one is blocked.')
        : h('ul', { key: 'list', class: 'account-list', 'aria-label': 'Blocked people' }, boundedRows(memory.users, (user) => row(act, memory, user))),
      h('div', { key: 'error', role: 'alert' }, memory.refused && h('p', { class: 'error-text' }, inWords(memory.refused))),
    ])));
}

/** All pages: what is left after unblocking is told to the state as a whole. @param {Actions} act */
async function everyone(act) {
  const users = [];
  let cursor = '';
  do {
    const page = await act.rest('GET', `/blocks?limit=200${cursor}`);
    users.push(...page.blocks);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor);
  return { users };
}

/** @param {Actions} act @param {Memory} memory @param {User} user */
function row(act, memory, user) {
  return h('li', { key: user.username },
    avatar(user.display_name, { size: 'small', seed: user.username }),
    h('div', { class: 'grow' },
      h('p', { class: 'ellipsis' }, h('bdi', null, user.display_name)),
      h('p', { class: 'muted small ellipsis' }, h('bdi', null, `@${user.username}`))),
    h('button', { type: 'button', class: 'button', 'aria-label': `Unblock ${user.display_name}`, onclick: (event) => unblock(act, memory, user, event.currentTarget) }, 'Unblock'));
}

/** @param {Actions} act @param {Memory} memory @param {User} user @param {any} button */
async function unblock(act, memory, { username }, button) {
  memory.set({ refused: null });
  try {
    await act.rest('DELETE', `/blocks/${encodeURIComponent(username)}`);
  } catch (refused) {
    return memory.set({ refused });
  }
  const users = memory.users.filter((user) => user.username !== username);
  toHeading(button);
  memory.set({ users });
  act.dispatch({ type: 'blocks', users });
}
