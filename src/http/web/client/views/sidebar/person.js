// One user in a list: name, presence, and actions.

import { button, iconButton } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { keepFocus } from '../../lib/focus.js';
import { isolate } from '../../lib/names.js';
import { shortTime } from '../../lib/time.js';
import { labelOf } from '../../state/select.js';
import { invite, withdraw } from '../invites/actions.js';
import { avatar } from '../avatar.js';
import { menuButton } from '../menu.js';
import { openPerson, pressable } from '../profile.js';
import { block, isBlocked, unblockButton } from './blocks.js';
import { isOnline, standing } from './presence.js';

/** @type {Fields} */
const KINDS = { __proto__: null, guest: 'guest', bot: 'bot' };

/**
 * A list item.
 * @param {User} user
 * @param {State} state
 * @param {Actions} act
 * @param {{contact?: boolean, apart?: boolean, sent?: Invite, key?: string}} options `contact`: there is a direct session;
 *   `apart`: a line stands above; `sent`: the row is this sent invite
 */
export function person(user, state, act, { contact, apart, sent, key = user.id }) {
  const invited = sent ?? state.invites.out.find(({ to, session }) => to.id === user.id && !session);
  return h('li', { key, class: ['person pressable', apart && 'apart'], ...pressable(() => openPerson(user.username, state, act)) },
    avatar(user.display_name, { seed: user.username, online: isOnline(user, state), deleted: user.deleted }),
    h('div', { class: 'person-text', id: `person-${key}` },
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
  const described = { 'aria-describedby': `person-${key}` };
  if (invited) return button('Withdraw', does(() => withdraw(invited, act)), { ...described, look: 'small-button' });
  /** @type {any[]} */
  const items = [
    // "Send message" invites users who require it by itself; here anyone can be invited.
    { label: 'View profile', icon: 'person', run: () => act.openDialog({ name: 'person', username: user.username }) },
    !contact && { label: 'Invite', icon: 'invite', run: () => invite(user.username, act) },
    { label: 'Block', icon: 'close', danger: true, run: () => block(user, state, act) },
  ];
  return [
    iconButton('Send message', 'chat', does(() => act.writeTo(user.username)), { ...described, key: 'write' }),
    menuButton({ key: 'more', label: `Actions for ${labelOf(user, state)}`, items: items.filter(Boolean) }),
  ];
}
