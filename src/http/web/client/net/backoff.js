// When to reconnect after a connection has ended: depends on the close code and the number of failures, with random jitter so
// that a thousand browsers do not reconnect at the same moment.

const SHORTEST = 500;
const LONGEST = 30_000;

/** The reason behind a close code. Other codes are a lost connection. @type {Fields} */
const WHY = {
  __proto__: null,
  1001: 'restart', 1012: 'restart', 1013: 'busy', 4008: 'slow', 4009: 'heartbeat', 4029: 'flooding',
  4501: 'revoked', 4502: 'revoked', 4500: 'protocol', 4503: 'protocol', 1002: 'protocol', 1007: 'protocol', 1009: 'protocol',
};

/** Reconnecting after these would end in the same way. */
const FINAL = new Set(['revoked', 'protocol']);

/** Minimum delays, in milliseconds, for clients that were too fast or too slow. @type {Fields} */
const AT_LEAST = { __proto__: null, flooding: 5_000, slow: 1_000 };

/**
 * The reaction to the end of a connection.
 * @param {{code: number, reason?: string, opened: boolean, crowded?: boolean}} end `opened`: it had been ready; `crowded`: the
 *   server has reported too many connections of this user
 * @param {number} attempt consecutive failures, from 1
 * @param {number} random 0–1
 * @returns {any} `{back, why, ms?}`
 */
export function reconnectPlan({ code, reason, opened, crowded }, attempt, random) {
  const why = crowded ? 'too_many' : WHY[code] ?? (opened ? 'lost' : 'unreachable');
  if (FINAL.has(why)) return { back: false, why };
  const grown = Math.min(SHORTEST * 2 ** (attempt - 1), LONGEST);
  const serverMs = Number(/(?:^|\s)retry_after_ms=(\d{1,7})$/.exec(reason ?? '')?.[1] ?? 0);
  // Only half of it is random: a delay of nearly zero would be none.
  const ms = Math.max(serverMs, AT_LEAST[why] ?? 0, grown / 2) + random * (grown / 2);
  return { back: true, why, ms: Math.round(Math.min(ms, Math.max(LONGEST, serverMs))) };
}
