// What is being written in a conversation, as data: a text, perhaps an answer to a message, or the change of one. While
// a message is being changed, what was being written before waits in `before` and comes back afterwards.

/** The draft that answers a message. @returns {Draft} @param {Draft|null|undefined} draft @param {number} seq */
export function replying(draft, seq) {
  const writing = draft?.edit ? draft.before : draft;
  return { text: writing?.text ?? '', reply_to: seq };
}

/** The draft that changes a message of mine. @returns {Draft} @param {Draft|null|undefined} draft @param {Message} message */
export function editing(draft, message) {
  const before = draft?.edit ? draft.before : draft;
  return { text: message.text, edit: message.seq, ...(before?.text || before?.reply_to ? { before } : {}) };
}

/** The draft with another text. @returns {Draft} @param {Draft|null|undefined} draft @param {string} text */
export function written(draft, text) {
  return { ...draft, text };
}

/** Without the change or the answer that stands above the field. @returns {Draft|null} @param {Draft|null|undefined} draft */
export function cancelled(draft) {
  if (draft?.edit) return draft.before ?? null;
  return draft?.text ? { text: draft.text } : null;
}

/** The newest message of mine that can still be changed, if it is on the page. @param {Session} session @param {Me} me */
export function lastOwn(session, me) {
  return session.span?.live ? session.span.messages.findLast((one) => one.sender === me.id && one.kind === 'text' && !one.deleted) : undefined;
}
