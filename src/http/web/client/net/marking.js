// Tells the server what has arrived here, so that senders may see it as delivered: the newest message, at most once a
// second and session.

const PAUSE = 1000;

/** A subscriber of the state. @param {(frame: Fields) => void} send */
export function marking(send) {
  const newest = new Map();
  let timer = null;
  /** @type {any} */
  let state = null;

  function tell() {
    timer = null;
    for (const [session, seq] of newest) {
      // Whoever has read it has received it.
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
    timer ??= setTimeout(tell, PAUSE);
  };
}
