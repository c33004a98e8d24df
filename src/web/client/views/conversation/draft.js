// What is being written in a conversation, as data: a text, perhaps an answer to a message, or the change of one. While
// a message is being changed, what was being written before waits in `before` and comes back afterwards.

/**
 * @typedef {{text: string, reply_to?: number, edit?: number, before?: {text: string, reply_to?: number}}} Draft
 */

/** The draft that answers a message. @returns {Draft} */
export function replying(draft, seq) {
  const writing = draft?.edit ? draft.before : draft;
  return { text: writing?.text ?? '', reply_to: seq };
}

/** The draft that changes a message of mine. @returns {Draft} */
export function editing(draft, message) {
  const before = draft?.edit ? draft.before : draft;
  return { text: message.text, edit: message.seq, ...(before?.text || before?.reply_to ? { before } : {}) };
}

/** The draft with another text. @returns {Draft} */
export function written(draft, text) {
  return { ...draft, text };
}

/** Without the change or the answer that stands above the field. @returns {Draft|null} */
export function cancelled(draft) {
  if (draft?.edit) return draft.before ?? null;
  return draft?.text ? { text: draft.text } : null;
}

/** The newest message of mine that can still be changed, if it is on the page. */
export function lastOwn(session, me) {
  return session.span?.live ? session.span.messages.findLast((one) => one.sender === me.id && one.kind === 'text' && !one.deleted) : undefined;
}
