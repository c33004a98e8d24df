// Keeps one connection up: opens it, comes back after pauses, and stops where coming back is of no use. What it does is
// told as `link` events.

import { diagnose } from './diagnosis.js';
import { after } from './pauses.js';
import { connect } from './socket.js';

/** Milliseconds after which a connection counts as one that lasts: only then is the next pause a short one again. */
const LASTING = 20_000;
/** Tries within which a server may be back from a restart. */
const RESTART = 6;
/** A server that is there may still be too busy for one socket; after so many tries something is wrong. */
const STUBBORN = 2;
/** Why a server that answers requests opens no socket. */
const FOUND_OUT = new Set(['origin', 'upgrade']);

/**
 * @param {{frame: (frame: Frame) => void, tell: (link: Link) => void, revoked: (code: number) => void}} to
 * @returns {Connection}
 */
export function link(to) {
  /** @type {any} */
  let socket = null;
  /** @type {any} */
  let timer = null;
  let wanted = false;
  let attempt = 0;
  let up = false;
  let since = 0;
  let crowded = false;
  /** @type {any} */
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

  /** @param {Frame} frame */
  function heard(frame) {
    if (frame.type === 'ready') {
      up = true;
      since = Date.now();
      why = null;
    }
    // Said just before the close that it explains.
    if (frame.type === 'error' && frame.id === undefined && frame.code === 'limit_reached') crowded = true;
    to.frame(frame);
  }

  /** @param {{code: number, reason: string}} end */
  function ended({ code, reason }) {
    const opened = up;
    socket = null;
    up = false;
    attempt = opened && Date.now() - since >= LASTING ? 1 : attempt + 1;
    const next = after({ code, reason, opened, crowded }, attempt, Math.random());
    // A server that restarts is out of reach for a while: that is still the same reason.
    const restarts = why === 'restart' && next.why === 'unreachable' && attempt <= RESTART;
    // What was found out holds until something else is.
    const known = FOUND_OUT.has(why) && next.why === 'unreachable';
    // Tried all the same: the server may be on this very machine.
    if (!restarts && !known) why = navigator.onLine || !next.back ? next.why : 'offline';
    if (next.back) {
      timer = setTimeout(open, next.ms);
      const now = { status: 'waiting', why, code, attempt, retryAt: Date.now() + next.ms };
      to.tell(now);
      if (why === 'unreachable' || known) findOut(now);
    } else if (why === 'revoked') to.revoked(code);
    else to.tell({ status: 'refused', why, code, attempt });
  }

  /** Finds out what the browser does not tell, and tells it unless things have moved on meanwhile. @param {Link} now */
  async function findOut(now) {
    const found = await diagnose();
    if (timer === null || attempt !== now.attempt || found === why || (found === 'upgrade' && attempt < STUBBORN)) return;
    why = found;
    to.tell({ ...now, why });
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
    /** @param {Frame} frame */
    send: (frame) => socket.send(frame),
    get up() {
      return up;
    },
  };
}
