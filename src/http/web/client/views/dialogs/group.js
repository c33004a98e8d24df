// A new group: its title and the first people in it. Those who want to be asked first are invited instead of added, and
// its creator is told who was added and who was invited.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { newKey } from '../../lib/key.js';
import { isolate } from '../../lib/names.js';
import { actions, close, frame } from './frame.js';
import { picker } from './picker.js';
import { checkTitle, TITLE } from './title.js';

/** The dialog. @param {State} state @param {Actions} act */
export function group(state, act) {
  return frame(act, { title: 'Create a group' },
    form({ key: 'group', class: 'stack', send: (values) => make(values, act) }, ({ field, submit }) => [
      field({ name: 'title', label: 'Title', ...TITLE, focus: true, check: checkTitle }),
      picker(state, act, { label: 'People' }),
      h('p', { key: 'how', class: 'muted small' }, 'People who accept messages from anyone are added immediately. Others get an invitation.'),
      once(),
      actions(act, submit('Create group')),
    ]));
}

/** The same for every try of a form: an answer that was lost must not make a second one. */
export function once() {
  return h('input', { key: 'key', type: 'hidden', name: 'key', mount: (input) => { input.value = newKey(); } });
}

/** @param {Fields} options @param {Actions} act */
async function make({ title, usernames, key }, act) {
  const names = usernames.split(' ').filter(Boolean);
  const { session } = await act.ask({ type: 'open', title: title.trim(), usernames: names, key });
  close(act);
  act.go({ name: 'session', id: session.id });
  if (names.length) await tellWho(session, names, act);
}

/**
 * Says who was added and who was invited. The answer says who is in it; the others are found among the invitations.
 * @param {Session} session
 * @param {string[]} names
 * @param {Actions} act
 */
async function tellWho({ id, members = [], member_count: count }, names, act) {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const added = members.map(({ user }) => user).filter(({ username }) => wanted.has(username.toLowerCase()));
  /** @type {User[]} */
  let invited = [];
  if (count <= names.length) {
    /** @type {{invites: Invite[]}} */
    const { invites } = await act.ask({ type: 'invites', direction: 'out' });
    invited = invites.filter(({ session, state }) => session?.id === id && state === 'pending').map(({ to }) => to);
  }
  /** @param {User[]} users */
  const list = (users) => new Intl.ListFormat('en').format(users.map(({ display_name: name }) => isolate(name)));
  const text = [added.length && `Added: ${list(added)}.`, invited.length && `Invited: ${list(invited)}. They join once they accept.`];
  act.dispatch({ type: 'toast', kind: 'info', text: text.filter(Boolean).join(' ') });
}
