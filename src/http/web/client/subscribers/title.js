// The page's title: the unread count and the open conversation.

import { opened } from '../state/session.js';
import { titleOf, unreadTotal } from '../state/select.js';

const MOST = 99;

/** The title for a state. @param {State} state */
export function title(state) {
  if (state.phase !== 'member') return 'Parlor';
  const unread = unreadTotal(state);
  const session = opened(state);
  const count = unread > MOST ? `(${MOST}+) ` : unread ? `(${unread}) ` : '';
  return `${count}${session ? `${titleOf(session, state)} – ` : ''}Parlor`;
}

/** A subscriber of the state. @param {State} state */
export function updateTitle(state) {
  const text = title(state);
  if (document.title !== text) document.title = text;
}
