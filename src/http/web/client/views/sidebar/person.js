// One person in a list: who, whether they are here, and what one can do: write, ask, wait, block.

import { h } from '../../lib/dom.js';
import { keepFocus } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { shortTime } from '../../lib/time.js';
import { labelOf } from '../../state/select.js';
import { invite, withdraw } from '../invites/asking.js';
import { avatar } from '../avatar.js';
import { menuButton } from '../menu.js';
import { openPerson, pressable, showProfile } from '../profile.js';
import { block, isBlocked, unblockButton } from './blocks.js';
import { presenceOf, standing } from './presence.js';

/** @type {Fields} */
const KINDS = { __proto__: null, guest: 'guest', bot: 'bot' };

/**
 * A list item.
 * @param {User} user
 * @param {State} state
 * @param {Actions} act
 * @param {{contact?: boolean, apart?: boolean, asked?: Invite, key?: string}} options
 *   `contact`: there is a direct session; `apart`: a line stands above; `asked`: the row stands for this invite of mine
 */
export function person(user, state, act, { contact, apart, asked, key = user.id }) {
  const invited = asked ?? state.invites.out.find(({ to, session }) => to.id === user.id && !session);
  const online = presenceOf(user, state).status === 'online';
  return h('li', { key, class: ['person pressable', apart && 'apart'], ...pressable(() => openPerson(user.username, state, act)) },
    avatar(user.display_name, { seed: user.username, online, deleted: user.deleted }),
    h('div', { class: 'person-words', id: `person-${key}` },
      h('p', { class: 'row' },
        h('span', { class: 'ellipsis person-name', dir: 'auto' }, user.display_name),
        // @ts-expect-error: undefined is the name of nothing.
        KINDS[user.kind] && h('span', { class: 'tag' }, KINDS[user.kind])),
      h('p', { class: 'ellipsis small' }, invited ? pending(invited, state) : standing(user, state))),
    h('div', { class: 'person-actions' }, actions(user, state, act, { contact, invited, key })));
}

/** @param {any} invited @param {State} state */
function pending(invited, state) {
  const when = shortTime(invited.at, state.now);
  return h('span', { class: 'muted' }, invited.session ? `Invited to “${isolate(invited.session.title)}”, ${when}` : `Invitation sent, ${when}`);
}

/** @param {User} user @param {State} state @param {Actions} act @param {Fields} options */
function actions(user, state, act, { contact, invited, key }) {
  if (isBlocked(user, state)) return unblockButton(user, act);
  /** @type {(what: () => Promise<any>) => (event: UiEvent) => Promise<void>} */
  const does = (what) => (event) => keepFocus(event.currentTarget.closest('li'), what, () => document.getElementById('find-person'));
  const described = { type: 'button', 'aria-describedby': `person-${key}` };
  if (invited) return h('button', { ...described, class: 'button small-button', onclick: does(() => withdraw(invited, act)) }, 'Withdraw');
  /** @type {any[]} */
  const items = [
    // Writing to those who want to be asked first asks them by itself; here one may ask anybody.
    { label: 'View profile', icon: 'person', run: () => showProfile(user.username, act) },
    !contact && { label: 'Invite', icon: 'invite', run: () => invite(user.username, act) },
    { label: 'Block', icon: 'close', danger: true, run: () => block(user, state, act) },
  ];
  return [
    h('button', { ...described, key: 'write', class: 'icon-button', 'aria-label': 'Send message', title: 'Send message', onclick: does(() => act.writeTo(user.username)) }, icon('chat')),
    menuButton({ key: 'more', label: `Actions for ${labelOf(user, state)}`, items: items.filter(Boolean) }),
  ];
}
