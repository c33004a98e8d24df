// Keeps one connection up: opens it, reconnects after delays, and stops where reconnecting is of no use. Its status is reported
// as `link` events.

import { diagnose } from './diagnosis.js';
import { reconnectPlan } from './backoff.js';
import { connect } from './socket.js';

/** Milliseconds after which a connection counts as stable: only then does the delay start small again. */
const LASTING = 20_000;
/** Attempts within which a server may be back from a restart. */
const RESTART = 6;
/** A reachable server may be too busy for one socket; after so many attempts something else is wrong. */
const STUBBORN = 2;
/** Reasons found by `diagnose`. */
const FOUND_OUT = new Set(['origin', 'upgrade']);

/**
 * @param {{frame: (frame: Frame) => void, status: (link: Link) => void, revoked: (code: number) => void}} to
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
    // Until it is up again the reason is unchanged.
    to.status({ status: 'connecting', why, attempt });
    crowded = false;
    socket = connect({ frame: receive, ended });
  }

  /** @param {Frame} frame */
  function receive(frame) {
    if (frame.type === 'ready') {
      up = true;
      since = Date.now();
      why = null;
    }
    // Sent just before the close that it explains.
    if (frame.type === 'error' && frame.id === undefined && frame.code === 'limit_reached') crowded = true;
    to.frame(frame);
  }

  /** @param {{code: number, reason: string}} end */
  function ended({ code, reason }) {
    const opened = up;
    socket = null;
    up = false;
    attempt = opened && Date.now() - since >= LASTING ? 1 : attempt + 1;
    const next = reconnectPlan({ code, reason, opened, crowded }, attempt, Math.random());
    // A restarting server is unreachable for a while: the reason remains "restart".
    const restarts = why === 'restart' && next.why === 'unreachable' && attempt <= RESTART;
    // A diagnosis holds until there is another one.
    const known = FOUND_OUT.has(why) && next.why === 'unreachable';
    // `onLine` does not stop the attempts: the server may be on this machine.
    if (!restarts && !known) why = navigator.onLine || !next.back ? next.why : 'offline';
    if (next.back) {
      timer = setTimeout(open, next.ms);
      const now = { status: 'waiting', why, code, attempt, retryAt: Date.now() + next.ms };
      to.status(now);
      if (why === 'unreachable' || known) findOut(now);
    } else if (why === 'revoked') to.revoked(code);
    else to.status({ status: 'refused', why, code, attempt });
  }

  /** Diagnoses why it is unreachable and reports that, unless the connection has changed meanwhile. @param {Link} now */
  async function findOut(now) {
    const found = await diagnose();
    if (timer === null || attempt !== now.attempt || found === why || (found === 'upgrade' && attempt < STUBBORN)) return;
    why = found;
    to.status({ ...now, why });
  }

  addEventListener('online', open);
  addEventListener('offline', () => socket?.lost());
  // After sleep, check at once instead of waiting for a delay or timeout.
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
      to.status({ status: 'off', why: null, attempt: 0 });
    },
    /** Reconnects at once. */
    retry: open,
    /** @param {Frame} frame */
    send: (frame) => socket.send(frame),
    get up() {
      return up;
    },
  };
}
