// Inviting people to an existing group.

import { form } from '../../lib/form.js';
import { isolate } from '../../lib/names.js';
import { errorText } from '../../lib/wording.js';
import { titleOf } from '../../state/select.js';
import { actions, frame } from './frame.js';
import { picker } from './picker.js';

/** `session` is the id of the group. @param {State} state @param {Actions} act @param {Fields} options */
export function add(state, act, { session: id }) {
  const session = state.sessions[id];
  if (!session) return null;
  const members = session.people?.list ?? session.members;
  const invited = state.invites.out.filter((invite) => invite.session?.id === id);
  const without = new Set([...members.map(({ user }) => user.id), ...invited.map(({ to }) => to.id)]);
  /** @param {Fields} options */
  const send = ({ usernames }) => invite(usernames.split(' ').filter(Boolean), id, act);
  return frame(act, { title: `Invite people to “${isolate(titleOf(session, state))}”` },
    form({ key: 'add', class: 'stack', send, refusals: { none_chosen: ['usernames', 'Choose at least one person.'] } }, ({ submit }) => [
      picker(state, act, { label: 'People', focus: true, without }),
      actions(act, submit('Invite')),
    ]));
}

/** @param {string[]} usernames @param {string} session @param {Actions} act */
async function invite(usernames, session, act) {
  if (!usernames.length) throw { code: 'none_chosen' };
  const refused = [];
  for (const username of usernames) {
    try {
      await act.request({ type: 'invite', username, session });
    } catch (error) {
      // A refusal concerns one person only; the others are still invited.
      refused.push(`${username}: ${errorText(error, { already_connected: 'already in the group.' })}`);
    }
  }
  if (refused.length === usernames.length) throw { code: 'forbidden', message: refused.join(' ') };
  act.closeDialog();
  const text = refused.length ? refused.join(' ') : 'Invitation sent. They join once they accept.';
  act.toast(text, refused.length ? 'error' : 'info');
}
