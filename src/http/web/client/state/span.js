// The held part of a session's messages: contiguous, ascending by `seq`, at most `SPAN` of them.
//
// `first`: nothing precedes it. `live`: it reaches the newest message, so a new one is appended. `follows`: the reader is at its
// newest end; otherwise messages are dropped there instead of where the reader is.

/** Messages of one session that are held at most. */
export const SPAN = 1000;

/**
 * A span from a page of history. `seq`: the session's newest message.
 * @param {Message[]} page
 * @param {boolean} complete
 * @param {number} seq
 * @param {any} follows
 */
export function start(page, complete, seq, follows) {
  const last = page.at(-1)?.seq ?? 0;
  return { messages: page, first: page.length === 0 || page[0].seq === 1 || complete, live: last >= seq, follows };
}

/** Whether this message is held, or would be if it existed. @param {Span} span @param {number} seq */
export function covers(span, seq) {
  const { messages } = span;
  // @ts-expect-error: a list that is not empty has a last one.
  return messages.length > 0 && messages[0].seq <= seq && seq <= messages.at(-1).seq;
}

/** The message with this number, if it is held. @param {Span|null} span @param {number} seq */
export function find(span, seq) {
  return span && covers(span, seq) ? span.messages[seq - span.messages[0].seq] : undefined;
}

/**
 * Prepends a page of older messages if it ends where the span begins.
 * @param {Span} span
 * @param {Message[]} page
 * @param {boolean} complete
 * @param {number} before
 */
export function prepend(span, page, complete, before) {
  if (span.messages[0]?.seq !== before) return span;
  const messages = [...page, ...span.messages];
  const first = complete || messages[0].seq === 1;
  if (messages.length <= SPAN) return { ...span, messages, first, follows: false };
  return { messages: messages.slice(0, SPAN), first, live: false, follows: false };
}

/**
 * Appends a page of newer messages if it begins where the span ends. `seq`: the session's newest message.
 * @param {Span} span
 * @param {Message[]} page
 * @param {number} after
 * @param {number} seq
 */
export function append(span, page, after, seq) {
  if ((span.messages.at(-1)?.seq ?? 0) !== after) return span;
  const fresh = page.filter((message) => message.seq > after);
  const messages = [...span.messages, ...fresh];
  const live = (messages.at(-1)?.seq ?? 0) >= seq;
  if (messages.length <= SPAN) return { ...span, messages, live };
  return { ...span, messages: messages.slice(-SPAN), first: false, live };
}

/**
 * Puts the current version of a message in its place, or at the end of a span that it continues. The higher `rev` wins; of the
 * same one the held copy, whose sender may have been renamed since.
 * @param {Span} span
 * @param {Message} message
 */
export function put(span, message) {
  const last = span.messages.at(-1)?.seq ?? 0;
  if (message.seq === last + 1 && span.live) return grow(span, message);
  if (message.seq > last) return span.live ? { ...span, live: false } : span;
  const at = message.seq - span.messages[0].seq;
  if (at < 0 || span.messages[at].rev >= message.rev) return span;
  return { ...span, messages: [...span.messages.slice(0, at), message, ...span.messages.slice(at + 1)] };
}

/** @param {Span} span @param {Message} message */
function grow(span, message) {
  if (span.messages.length < SPAN) return { ...span, messages: [...span.messages, message] };
  if (!span.follows) return { ...span, live: false };
  // A tenth at once: dropping one per new message would move the list's beginning each time.
  return { ...span, messages: [...span.messages.slice(SPAN / 10), message], first: false };
}

/**
 * A copy with the messages that `change` replaces; the span itself if there are none.
 * @param {Span} span
 * @param {(message: Message) => Message} change
 */
export function revise(span, change) {
  let touched = false;
  const messages = span.messages.map((message) => {
    const other = change(message);
    touched ||= other !== message;
    return other;
  });
  return touched ? { ...span, messages } : span;
}
