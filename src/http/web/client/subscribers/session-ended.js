// Toasts for sessions that ended without the user's own action, also while offline. Unsent text in them can still be copied.

import { isolate } from '../lib/names.js';
import { titleOf } from '../state/select.js';

/** @type {Fields} */
const REASONS = {
  __proto__: null,
  /** @param {string} title */
  removed: (title) => `You were removed from “${title}”.`,
  /** @param {string} title */
  deleted: (title) => `“${title}” was deleted.`,
  /** @param {string} title */
  emptied: (title) => `The room “${title}” has ended because everyone had left.`,
};

/** Events that list the sessions that exist. */
const LISTS = new Set(['ready', 'sessions']);

/** The sessions that an event has ended: `{id, text}` each. @param {State} state @param {State} before @param {any} event */
export function endedSessions(state, before, event) {
  const { type, frame, request } = event;
  if (type === 'frame' && frame.type === 'session_removed') {
    const session = before.sessions[frame.session];
    const reason = REASONS[frame.reason];
    return session && reason ? [{ id: session.id, text: reason(isolate(titleOf(session, before))) }] : [];
  }
  const lists = (type === 'frame' && LISTS.has(frame.type)) || (type === 'answered' && LISTS.has(request.type));
  if (lists ? !state.whole : type !== 'refused' || request.type !== 'session') return [];
  // A restored backup is another history: its missing sessions have not ended.
  if (before.me?.id !== state.me?.id || (before.server && before.server.epoch !== state.server?.epoch)) return [];
  return Object.values(before.sessions).filter(({ id }) => !state.sessions[id])
    .map((session) => ({ id: session.id, text: whileAway(session, isolate(titleOf(session, before))) }));
}

/**
 * The server does not distinguish an ended session from one that is no longer mine.
 * @param {Session} session
 * @param {string} title
 */
function whileAway({ kind }, title) {
  if (kind === 'room') return `The room “${title}” has ended, or you are no longer in it.`;
  return `“${title}” was deleted, or you are no longer a member.`;
}

/** The unsent text of a session. @param {State} state @param {string} id */
export function unsent({ outbox, drafts }, id) {
  return [...(outbox[id] ?? []), drafts[id]].map((one) => one?.text).filter(Boolean).join('\n\n');
}

/**
 * A subscriber of the state.
 * @param {(toast: {text: string, action?: object}) => void} toast
 * @param {(text: string, confirmation: string) => Promise<void>} copy
 */
export function toastEndedSessions(toast, copy) {
  /** @type {Subscriber} */
  return (state, before, event) => {
    for (const { id, text } of endedSessions(state, before, event)) {
      const lost = unsent(before, id);
      const dialog = { name: 'confirm', title: 'Your unsent text', text: lost, quotes: true, yes: 'Copy', run: () => copy(lost, 'Text copied.') };
      toast({ text, action: lost ? { text: 'Show your unsent text', event: { type: 'dialog', dialog } } : undefined });
    }
  };
}
