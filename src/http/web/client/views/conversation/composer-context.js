// Above the composer: the message that is edited or replied to.

import { iconButton } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { nameOf } from '../../state/select.js';
import { find } from '../../state/span.js';
import { preview } from './quote.js';

/** @param {Conversation} place @param {Draft} draft @param {boolean} saving a change is on its way @param {() => void} cancel */
export function composerContext({ state, session }, draft, saving, cancel) {
  const seq = draft?.edit ?? draft?.reply_to;
  if (!seq) return null;
  const message = find(session.span, seq);
  const title = draft.edit ? (saving ? 'Saving…' : 'Edit message') : ['Reply to ', bdi(message ? nameOf(message.username, state) : 'a message')];
  return h('div', { class: 'above', key: 'above', 'aria-busy': draft.edit && saving },
    icon(draft.edit ? 'edit' : 'reply'),
    h('div', { class: 'grow' },
      h('p', { class: 'above-title ellipsis' }, title),
      message && h('p', { class: 'small muted ellipsis', dir: 'auto' }, preview(message))),
    iconButton(draft.edit ? 'Cancel editing' : 'Cancel reply', 'close', cancel, { title: 'Cancel' }));
}
