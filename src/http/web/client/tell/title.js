// The page's title: how much is unread, and where one is.

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
export function entitle(state) {
  const text = title(state);
  if (document.title !== text) document.title = text;
}
