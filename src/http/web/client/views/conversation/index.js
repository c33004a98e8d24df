// The open conversation: header, messages, and composer.

import { boundedArea } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { otherOf } from '../../state/select.js';
import { isBlocked } from '../sidebar/blocks.js';
import { composer } from './composer.js';
import { head } from './head.js';
import { timeline } from './timeline.js';

/** The main area while `session` is open. @param {State} state @param {Session} session @param {Actions} act */
export function conversation(state, session, act) {
  const other = otherOf(session, state)?.user;
  const deleted = Boolean(other?.deleted);
  // @ts-expect-error: there is another one.
  const blocked = Boolean(other) && isBlocked(other, state);
  const place = { state, session, other, pending: state.outbox[session.id] ?? [], readOnly: deleted || blocked, blocked };
  return h('main', { class: 'main conversation', key: 'main', 'aria-labelledby': 'conversation-title' },
    boundedArea('head', () => head(state, session, act)),
    boundedArea('timeline', () => timeline(place, act)),
    boundedArea('composer', () => composer(place, act)));
}
