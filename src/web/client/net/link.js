// Keeps one connection up: opens it, comes back after pauses, waits while the machine is offline, and stops where coming
// back is of no use. What it does is told as `link` events.

import { after } from './pauses.js';
import { connect } from './socket.js';

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
    if (!wanted || socket) return;
    if (!navigator.onLine) {
      offline();
      return;
    }
    // Until it is up again the reason is still the same.
    to.tell({ status: 'connecting', why, attempt });
    crowded = false;
    socket = connect({ frame: heard, ended });
  }

  /** The browser says when it is worth trying again. */
  function offline() {
    clearTimeout(timer);
    why = 'offline';
    to.tell({ status: 'waiting', why, attempt });
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
    if (!navigator.onLine) {
      offline();
      return;
    }
    const next = after({ code, reason, opened, crowded }, attempt, Math.random());
    why = next.why;
    if (next.back) {
      timer = setTimeout(open, next.ms);
      to.tell({ status: 'waiting', why, code, attempt, retryAt: Date.now() + next.ms });
    } else if (why === 'revoked') to.revoked(code);
    else to.tell({ status: 'refused', why, code, attempt });
  }

  addEventListener('online', open);
  addEventListener('offline', () => {
    if (socket) socket.lost();
    else if (wanted) offline();
  });
  // A machine that has slept finds out at once, not after the pause or the silence.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || !wanted) return;
    if (socket) socket.probe();
    else open();
  });

  return {
    start() {
      wanted = true;
      open();
    },
    stop() {
      wanted = false;
      clearTimeout(timer);
      socket?.close();
      socket = null;
      up = false;
      attempt = 0;
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
