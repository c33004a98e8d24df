// Says why a conversation is gone, where that was not one's own doing; what was written there and not sent can still be had.

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

/** What was written in a session and not sent, as one text. */
export function unsent(before, { frame }) {
  const { outbox, drafts } = before;
  return [...(outbox[frame.session] ?? []), drafts[frame.session]].map((one) => one?.text).filter(Boolean).join('\n\n');
}

/**
 * A subscriber of the state.
 * @param {(toast: {text: string, action?: object}) => void} say
 * @param {(text: string, saying: string) => Promise<void>} copy
 */
export function bid(say, copy) {
  return (state, before, event) => {
    const text = farewell(before, event);
    if (!text) return;
    const lost = unsent(before, event);
    const dialog = { name: 'confirm', title: 'You had written', text: lost, yes: 'Copy', run: () => copy(lost, 'The text is copied.') };
    say({ text, action: lost ? { text: 'Show what you had written', event: { type: 'dialog', dialog } } : undefined });
  };
}
