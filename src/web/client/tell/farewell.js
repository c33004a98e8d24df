// Says why a conversation is gone, where that was not one's own doing.

import { titleOf } from '../state/select.js';

const WORDS = {
  removed: (title) => `You were removed from “${title}”.`,
  deleted: (title) => `“${title}” was deleted.`,
  emptied: (title) => `The room “${title}” has ended: nobody was in it any more.`,
};

/** What is to be said of an event, or nothing. */
export function farewell(before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'session_removed') return null;
  const session = before.sessions[frame.session];
  return session && WORDS[frame.reason] ? WORDS[frame.reason](titleOf(session, before)) : null;
}

/** A subscriber of the state. @param {(text: string) => void} say */
export function bid(say) {
  return (state, before, event) => {
    const text = farewell(before, event);
    if (text) say(text);
  };
}
