// Actions on another member by one's own role: the owner may do everything, an admin may remove.

import { isolate } from '../../lib/names.js';
import { labelOf } from '../../state/select.js';

/**
 * The entries of a member's menu.
 * @returns {import('../menu.js').MenuItem[]}
 * @param {User} user
 * @param {string} role
 * @param {Session} session
 * @param {State} state
 * @param {Actions} act
 */
export function memberActions(user, role, session, state, act) {
  const { id, role: mine } = session;
  const title = isolate(session.title);
  const { username } = user;
  const name = isolate(labelOf(user, state));
  /** @param {string} to */
  const give = (to) => act.request({ type: 'role', session: id, username, role: to });
  /** @param {string} to */
  const giveAtOnce = (to) => () => give(to).catch(act.showError);
  /** @type {import('../menu.js').MenuItem[]} */
  const items = [{ label: 'Send message', icon: 'chat', run: () => act.writeTo(username) }];
  if (mine === 'owner') {
    items.push(
      role === 'admin'
        ? { label: 'Make member', icon: 'person', run: giveAtOnce('member') }
        : { label: 'Make admin', icon: 'key', run: giveAtOnce('admin') },
      { label: 'Make owner', icon: 'crown', run: () => act.confirm({
        title: `Make ${name} the owner?`, text: 'The owner can do everything here. You become an admin and cannot undo this yourself.',
        yes: 'Make owner', run: () => give('owner'),
      }) });
  }
  if (mine !== 'member' && role !== 'owner') {
    items.push('line', { label: 'Remove', icon: 'leave', danger: true, run: () => act.confirm({
      title: `Remove ${name}?`, text: `${name} can no longer read or write in “${title}”. Their messages stay.`,
      yes: 'Remove', danger: true, run: () => act.request({ type: 'remove', session: id, username }),
    }) });
  }
  return items;
}
