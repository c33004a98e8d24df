// A new group: its title and first people. Those who accept only invited conversations get an invite; the creator sees who was
// added and who was invited.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { newKey } from '../../lib/key.js';
import { isolate } from '../../lib/names.js';
import { checkTitle } from '../../lib/validation.js';
import { TITLE } from '../fields.js';
import { actions, frame } from './frame.js';
import { picker } from './picker.js';

/** The dialog. @param {State} state @param {Actions} act */
export function group(state, act) {
  return frame(act, { title: 'Create a group' },
    form({ key: 'group', class: 'stack', send: (values) => make(values, act) }, ({ field, submit }) => [
      field({ ...TITLE, focus: true, check: checkTitle }),
      picker(state, act, { label: 'People' }),
      h('p', { key: 'how', class: 'muted small' }, 'People who accept messages from anyone are added immediately. Others get an invitation.'),
      idempotencyKey(),
      actions(act, submit('Create group')),
    ]));
}

/** A key that is the same for every attempt of a form: after a lost reply a retry must not create a second session. */
export function idempotencyKey() {
  return h('input', { key: 'key', type: 'hidden', name: 'key', mount: (input) => { input.value = newKey(); } });
}

/** @param {Fields} options @param {Actions} act */
async function make({ title, usernames, key }, act) {
  const names = usernames.split(' ').filter(Boolean);
  const { session } = await act.request({ type: 'open', title: title.trim(), usernames: names, key });
  act.closeDialog();
  act.openSession(session.id);
  if (names.length) await reportInvited(session, names, act);
}

/**
 * Shows who was added and who was invited. The reply lists the members; the others are found among the sent invites.
 * @param {Session} session
 * @param {string[]} names
 * @param {Actions} act
 */
async function reportInvited({ id, members = [], member_count: count }, names, act) {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const added = members.map(({ user }) => user).filter(({ username }) => wanted.has(username.toLowerCase()));
  /** @type {User[]} */
  let invited = [];
  if (count <= names.length) {
    /** @type {{invites: Invite[]}} */
    const { invites } = await act.request({ type: 'invites', direction: 'out' });
    invited = invites.filter(({ session, state }) => session?.id === id && state === 'pending').map(({ to }) => to);
  }
  /** @param {User[]} users */
  const list = (users) => new Intl.ListFormat('en').format(users.map(({ display_name: name }) => isolate(name)));
  const text = [added.length && `Added: ${list(added)}.`, invited.length && `Invited: ${list(invited)}. They join once they accept.`];
  act.toast(text.filter(Boolean).join(' '));
}
