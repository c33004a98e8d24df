// The open conversation: its head, its messages, and the field to write in; or what stands there instead.

import { h } from '../../lib/dom.js';
import { otherOf } from '../../state/select.js';
import { composer } from './composer.js';
import { head } from './head.js';
import { absent, nothing } from './nothing.js';
import { timeline } from './timeline.js';

/** The main part of the page. */
export function conversation(state, act) {
  const { route } = state.view;
  const session = route.name === 'session' ? state.sessions[route.id] : undefined;
  if (!session) {
    return h('main', { class: 'main', key: 'main', 'aria-label': 'Conversation' }, route.name === 'session' ? absent(state) : nothing(state, act));
  }
  const readOnly = session.kind === 'direct' && Boolean(otherOf(session, state)?.user.deleted);
  const place = { state, session, pending: state.outbox[session.id] ?? [], draft: state.drafts[session.id], readOnly };
  return h('main', { class: 'main conversation', key: 'main', 'aria-labelledby': 'conversation-title' },
    head(state, session, act),
    timeline(place, act),
    composer(place, act));
}
