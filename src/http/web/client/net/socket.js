// One WebSocket, from connecting to its end. It sends no faster than the server reads, and detects a peer that is gone without a
// close.

/** Milliseconds for the response to `ping`, and for connecting. */
const PATIENCE = 10_000;
/** Milliseconds of silence beyond the heartbeat after which the peer is pinged. */
const SILENCE = 15_000;
/** Frames per second and burst, below the limits of the server (60, 200). */
const RATE = 50;
const BURST = 150;

/** Opens a connection. @param {{frame: (frame: Frame) => void, ended: (end: {code: number, reason: string}) => void}} to */
export function connect(to) {
  const address = new URL('/api/v1/ws', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, 'parlor.v1');
  /** @type {string[]} */
  const queue = [];
  let room = BURST;
  let filled = performance.now();
  /** @type {any} */
  let drain = null;
  /** @type {any} */
  let watchdog = null;
  let heartbeat = 25_000;
  let over = false;

  /** @param {number} code @param {string} reason */
  function end(code, reason) {
    if (over) return;
    over = true;
    clearTimeout(watchdog);
    clearTimeout(drain);
    socket.close();
    to.ended({ code, reason });
  }

  /** @param {number} ms @param {() => void} expired */
  function watch(ms, expired) {
    clearTimeout(watchdog);
    watchdog = setTimeout(expired, ms);
  }

  const lost = () => end(1006, '');

  function listen() {
    watch(heartbeat + SILENCE, () => {
      send({ type: 'ping' });
      watch(PATIENCE, lost);
    });
  }

  function flush() {
    drain = null;
    const now = performance.now();
    room = Math.min(BURST, room + ((now - filled) / 1000) * RATE);
    filled = now;
    while (queue.length && room >= 1 && !over) {
      room -= 1;
      // @ts-expect-error: the queue is not empty.
      socket.send(queue.shift());
    }
    if (queue.length && !over) drain = setTimeout(flush, 1000 / RATE);
  }

  /** @param {Fields} frame */
  function send(frame) {
    queue.push(JSON.stringify(frame));
    if (socket.readyState === WebSocket.OPEN && drain === null) flush();
  }

  socket.onopen = () => {
    listen();
    flush();
  };
  socket.onmessage = ({ data }) => {
    if (over) return;
    listen();
    const frame = JSON.parse(data);
    if (frame.type === 'ready') heartbeat = frame.heartbeat_seconds * 1000;
    to.frame(frame);
  };
  socket.onclose = ({ code, reason }) => end(code, reason);

  watch(PATIENCE, lost);
  send({ type: 'hello' });

  return {
    send,
    /** Closes it without an `ended` event, since it will not be reopened. */
    close() {
      over = true;
      clearTimeout(watchdog);
      clearTimeout(drain);
      socket.close(1000);
    },
    /** Pings the peer at once. */
    probe() {
      if (socket.readyState !== WebSocket.OPEN) return;
      send({ type: 'ping' });
      watch(PATIENCE, lost);
    },
    lost,
  };
}
