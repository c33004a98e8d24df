// Inviting people into a group that is there already.

import { form } from '../../lib/form.js';
import { isolate } from '../../lib/names.js';
import { inWords } from '../../lib/words.js';
import { titleOf } from '../../state/select.js';
import { actions, close, frame } from './frame.js';
import { picker } from './picker.js';

/** The dialog; `session` is the id of the group. @param {State} state @param {Actions} act @param {Fields} options */
export function add(state, act, { session: id }) {
  const session = state.sessions[id];
  if (!session) return null;
  const members = session.people?.list ?? session.members;
  const asked = state.invites.out.filter((invite) => invite.session?.id === id);
  const without = new Set([...members.map(({ user }) => user.id), ...asked.map(({ to }) => to.id)]);
  /** @param {Fields} options */
  const send = ({ usernames }) => invite(usernames.split(' ').filter(Boolean), id, act);
  return frame(act, { title: `Invite people to “${isolate(titleOf(session, state))}”` },
    form({ key: 'add', class: 'stack', send, refusals: { nobody: ['usernames', 'Choose at least one person.'] } }, ({ submit }) => [
      picker(state, act, { label: 'People', focus: true, without }),
      actions(act, submit('Invite')),
    ]));
}

/** @param {string[]} usernames @param {string} session @param {Actions} act */
async function invite(usernames, session, act) {
  if (!usernames.length) throw { code: 'nobody' };
  const refused = [];
  for (const username of usernames) {
    try {
      await act.ask({ type: 'invite', username, session });
    } catch (error) {
      // The others are still asked: what one person wants says nothing of the next.
      refused.push(`${username}: ${inWords(error, { already_connected: 'already in the group.' })}`);
    }
  }
  if (refused.length === usernames.length) throw { code: 'forbidden', message: refused.join(' ') };
  close(act);
  const text = refused.length ? refused.join(' ') : 'Invitation sent. They join once they accept.';
  act.dispatch({ type: 'toast', kind: refused.length ? 'error' : 'info', text });
}
