// Drafts as data: a text, possibly a reply or an edit. While a message is edited, the previous draft is kept in `before` and
// restored afterwards.

/** The draft of a reply. @returns {Draft} @param {Draft|null|undefined} draft @param {number} seq */
export function replying(draft, seq) {
  const writing = draft?.edit ? draft.before : draft;
  return { text: writing?.text ?? '', reply_to: seq };
}

/** The draft of an edit of my message. @returns {Draft} @param {Draft|null|undefined} draft @param {Message} message */
export function editing(draft, message) {
  const before = draft?.edit ? draft.before : draft;
  return { text: message.text, edit: message.seq, ...(before?.text || before?.reply_to ? { before } : {}) };
}

/** The draft with another text. @returns {Draft} @param {Draft|null|undefined} draft @param {string} text */
export function written(draft, text) {
  return { ...draft, text };
}

/** Without the edit or reply. @returns {Draft|null} @param {Draft|null|undefined} draft */
export function cancelled(draft) {
  if (draft?.edit) return draft.before ?? null;
  return draft?.text ? { text: draft.text } : null;
}

/** My newest message that can be edited, if it is on the page. @param {Session} session @param {Me} me */
export function lastOwn(session, me) {
  return session.span?.live ? session.span.messages.findLast((one) => one.sender === me.id && one.kind === 'text' && !one.deleted) : undefined;
}
