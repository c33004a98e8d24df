// A new group: its title and the first people in it. Those who want to be asked first are invited instead of added, and
// whoever made it is told who they are.

import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { newKey } from '../../lib/key.js';
import { actions, close, frame } from './frame.js';
import { picker } from './picker.js';
import { checkTitle, TITLE } from './title.js';

/** The dialog. */
export function group(state, act) {
  return frame(act, { title: 'Create a group' },
    form({ key: 'group', class: 'stack', send: (values) => make(values, act) }, ({ field, submit }) => [
      field({ name: 'title', label: 'Title', ...TITLE, focus: true, check: checkTitle }),
      picker(state, act, { label: 'People' }),
      once(),
      actions(act, submit('Create group')),
    ]));
}

/** The same for every try of a form: an answer that was lost must not make a second one. */
export function once() {
  return h('input', { key: 'key', type: 'hidden', name: 'key', mount: (input) => { input.value = newKey(); } });
}

async function make({ title, usernames, key }, act) {
  const names = usernames.split(' ').filter(Boolean);
  const { session } = await act.ask({ type: 'open', title: title.trim(), usernames: names, key });
  close(act);
  act.go({ name: 'session', id: session.id });
  if (session.member_count <= names.length) await tellInvited(session, act);
}

/** The answer says who is in it; who was asked instead is found among the invitations. */
async function tellInvited({ id }, act) {
  const { invites } = await act.ask({ type: 'invites', direction: 'out' });
  const asked = invites.filter(({ session, state }) => session?.id === id && state === 'pending');
  const people = new Intl.ListFormat('en').format(asked.map(({ to }) => to.display_name));
  act.dispatch({ type: 'toast', kind: 'info', text: `Invited, as they want to be asked first: ${people}.` });
}
