// The open conversation: its head, its messages, and the field to write in.

import { h } from '../../lib/dom.js';
import { otherOf } from '../../state/select.js';
import { composer } from './composer.js';
import { head } from './head.js';
import { timeline } from './timeline.js';

/** The main part of the page, where `session` is open. */
export function conversation(state, session, act) {
  const readOnly = session.kind === 'direct' && Boolean(otherOf(session, state)?.user.deleted);
  const place = { state, session, pending: state.outbox[session.id] ?? [], draft: state.drafts[session.id], readOnly };
  return h('main', { class: 'main conversation', key: 'main', 'aria-labelledby': 'conversation-title' },
    head(state, session, act),
    timeline(place, act),
    composer(place, act));
}
