// Plausible times for screenshots. All test data is created within a second: on the way to the page the timestamps are spread
// over several days.

const MINUTE = 60_000;

/** Minutes since the last message, from the conversation at the top of the list downwards. */
const QUIET_SINCE = [2, 14, 55, 95, 180, 26 * 60, 27 * 60, 50 * 60, 4 * 24 * 60, 9 * 24 * 60];

/** Minutes between one message and the next. */
const PAUSES = [1, 2, 1, 9, 3, 1, 40, 4];

/** Spreads the timestamps of everything that this page receives. */
export async function spread(page) {
  const places = new Map();
  const opened = Date.now();
  await page.routeWebSocket(/\/api\/v1\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      for (const session of frame.sessions ?? []) {
        // Conversations without a message are sorted by creation.
        session.created_at = new Date(opened - 30 * 24 * 60 * MINUTE).toISOString();
        if (session.last_message) places.set(session.id, { rank: places.get(session.id)?.rank ?? places.size, newest: session.seq });
      }
      each(frame, (message) => {
        const place = places.get(message.session);
        if (place && message.seq <= place.newest) message.at = stamp(opened, place, message.seq);
      });
      socket.send(JSON.stringify(frame));
    });
  });
}

function stamp(opened, { rank, newest }, seq) {
  let minutes = QUIET_SINCE[Math.min(rank, QUIET_SINCE.length - 1)];
  for (let later = newest; later > seq; later -= 1) minutes += PAUSES[later % PAUSES.length];
  return new Date(opened - minutes * MINUTE).toISOString();
}

/** Calls back for every message inside. */
function each(value, use) {
  if (value === null || typeof value !== 'object') return;
  if ('seq' in value && 'at' in value) use(value);
  for (const inner of Object.values(value)) each(inner, use);
}
