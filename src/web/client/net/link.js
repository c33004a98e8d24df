// Keeps one connection up: opens it, comes back after pauses, and stops where coming back is of no use. What it does is
// told as `link` events.

import { after } from './pauses.js';
import { connect } from './socket.js';

/** Tries within which a server may be back from a restart. */
const RESTART = 6;

/**
 * @param {{frame: (frame: object) => void, tell: (link: object) => void, revoked: (code: number) => void}} to
 */
export function link(to) {
  let socket = null;
  let timer = null;
  let wanted = false;
  let attempt = 0;
  let up = false;
  let crowded = false;
  let why = null;

  function open() {
    clearTimeout(timer);
    timer = null;
    if (!wanted || socket) return;
    // Until it is up again the reason is still the same.
    to.tell({ status: 'connecting', why, attempt });
    crowded = false;
    socket = connect({ frame: heard, ended });
  }

  function heard(frame) {
    if (frame.type === 'ready') {
      up = true;
      attempt = 0;
      why = null;
    }
    // Said just before the close that it explains.
    if (frame.type === 'error' && frame.id === undefined && frame.code === 'limit_reached') crowded = true;
    to.frame(frame);
  }

  function ended({ code, reason }) {
    const opened = up;
    socket = null;
    up = false;
    attempt += 1;
    const next = after({ code, reason, opened, crowded }, attempt, Math.random());
    // A server that restarts is out of reach for a while: that is still the same reason.
    const restarts = why === 'restart' && next.why === 'unreachable' && attempt <= RESTART;
    // Tried all the same: the server may be on this very machine.
    if (!restarts) why = navigator.onLine || !next.back ? next.why : 'offline';
    if (next.back) {
      timer = setTimeout(open, next.ms);
      to.tell({ status: 'waiting', why, code, attempt, retryAt: Date.now() + next.ms });
    } else if (why === 'revoked') to.revoked(code);
    else to.tell({ status: 'refused', why, code, attempt });
  }

  addEventListener('online', open);
  addEventListener('offline', () => socket?.lost());
  // A machine that has slept finds out at once, not after the pause or the silence.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    if (socket) socket.probe();
    else if (timer !== null) open();
  });

  return {
    start() {
      wanted = true;
      open();
    },
    stop() {
      wanted = false;
      clearTimeout(timer);
      timer = null;
      socket?.close();
      socket = null;
      up = false;
      attempt = 0;
      why = null;
      to.tell({ status: 'off', why: null, attempt: 0 });
    },
    /** Tries at once. */
    retry: open,
    send: (frame) => socket.send(frame),
    get up() {
      return up;
    },
  };
}
