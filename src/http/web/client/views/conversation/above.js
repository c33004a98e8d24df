// What stands above the field: the message that is being changed, or the one that is answered.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { nameOf } from '../../state/select.js';
import { preview } from './quote.js';

/** @param {Conversation} place @param {Draft} draft @param {boolean} saving a change is on its way @param {() => void} cancel */
export function above({ state, session }, draft, saving, cancel) {
  const seq = draft?.edit ?? draft?.reply_to;
  if (!seq) return null;
  const messages = session.span?.messages ?? [];
  const message = messages.length > 0 ? messages[seq - messages[0].seq] : undefined;
  const title = draft.edit ? (saving ? 'Saving…' : 'Edit message') : ['Reply to ', h('bdi', null, message ? nameOf(message.username, state) : 'a message')];
  return h('div', { class: 'above', key: 'above', 'aria-busy': draft.edit && saving && 'true' },
    icon(draft.edit ? 'edit' : 'reply'),
    h('div', { class: 'grow' },
      h('p', { class: 'above-title ellipsis' }, title),
      message && h('p', { class: 'small muted ellipsis', dir: 'auto' }, preview(message))),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': draft.edit ? 'Cancel editing' : 'Cancel reply', title: 'Cancel', onclick: cancel }, icon('close')));
}
