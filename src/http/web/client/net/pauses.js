// When to come back after a connection has ended: told by its close code, how often it has failed, and a random number
// that keeps a thousand browsers from coming back in the same moment.

const SHORTEST = 500;
const LONGEST = 30_000;

/** What a close code says of the reason. Those that are not here are a lost connection. @type {Fields} */
const WHY = {
  __proto__: null,
  1001: 'restart', 1012: 'restart', 1013: 'busy', 4008: 'slow', 4009: 'heartbeat', 4029: 'flooding',
  4501: 'revoked', 4502: 'revoked', 4500: 'protocol', 4503: 'protocol', 1002: 'protocol', 1007: 'protocol', 1009: 'protocol',
};

/** After these, coming back would end in the same way. */
const FINAL = new Set(['revoked', 'protocol']);

/** Nobody who was too fast or too slow for the server should be back at once. @type {Fields} */
const AT_LEAST = { __proto__: null, flooding: 5_000, slow: 1_000 };

/**
 * What follows a connection's end.
 * @param {{code: number, reason?: string, opened: boolean, crowded?: boolean}} end `opened`: it had been up;
 *   `crowded`: the server has said that this user has too many connections
 * @param {number} attempt how many times in a row it has failed, from 1
 * @param {number} random 0–1
 * @returns {any} `{back, why, ms?}`
 */
export function after({ code, reason, opened, crowded }, attempt, random) {
  const why = crowded ? 'too_many' : WHY[code] ?? (opened ? 'lost' : 'unreachable');
  if (FINAL.has(why)) return { back: false, why };
  const grown = Math.min(SHORTEST * 2 ** (attempt - 1), LONGEST);
  const told = Number(/(?:^|\s)retry_after_ms=(\d{1,7})$/.exec(reason ?? '')?.[1] ?? 0);
  // Half of it is fixed: a pause of nearly nothing would be none.
  const ms = Math.max(told, AT_LEAST[why] ?? 0, grown / 2) + random * (grown / 2);
  return { back: true, why, ms: Math.round(Math.min(ms, Math.max(LONGEST, told))) };
}
