// Acknowledges received messages, so that senders see them as delivered: the newest one, at most once per second and session.

const PAUSE = 1000;

/** A subscriber of the state. @param {(frame: Fields) => void} send */
export function markDelivered(send) {
  const newest = new Map();
  let timer = null;
  /** @type {any} */
  let state = null;

  function flush() {
    timer = null;
    for (const [session, seq] of newest) {
      // A read message counts as received.
      if (state.sessions[session]?.read < seq) send({ type: 'received', session, seq });
    }
    newest.clear();
  }

  /** @type {Subscriber} */
  return (now, before, { type, frame }) => {
    state = now;
    if (type !== 'frame' || frame.type !== 'message' || frame.kind !== 'text' || frame.sender === now.me.id) return;
    if (now.sessions[frame.session]?.kind === 'lobby') return;
    newest.set(frame.session, frame.seq);
    timer ??= setTimeout(flush, PAUSE);
  };
}
