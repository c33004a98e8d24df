// Requests in flight: commands of the views with their promises, and the needs of the state. Replies and refusals become events.
// A need whose refusal is temporary is kept and requested again after a delay.

import { needs } from '../state/needs.js';

/** Temporary refusals, unrelated to the request itself. */
const PASSING = new Set(['rate_limited', 'too_many_attempts', 'busy', 'unavailable', 'internal', 'offline', 'unauthenticated']);
const SHORTEST = 1000;
const LONGEST = 30_000;

/**
 * @param {{state: () => State, dispatch: (event: StateEvent) => void, send: (frame: Fields) => void,
 *   rest: (method: string, path: string, body?: object) => Promise<any>}} io
 */
export function createRequests({ state, dispatch, send, rest }) {
  /** Id on the wire → its purpose. */
  const inFlight = new Map();
  /** Needs in flight, and needs that are deferred: id → time, or Infinity after a lasting refusal. */
  const pending = new Set();
  const deferred = new Map();
  const failures = new Map();
  let count = 0;
  let generation = 0;
  /** @type {any} */
  let timer = null;

  /** @param {Fields} options @param {Fields} request @param {Fields} answer */
  function settle({ id, need, resolve }, request, answer) {
    if (need) {
      pending.delete(id);
      failures.delete(id);
    }
    dispatch({ type: 'answered', id, request, answer, note: need?.note });
    resolve?.(answer);
  }

  /** @param {Fields} options @param {Fields} request @param {Refusal} error */
  function refuse({ id, need, reject }, request, error) {
    pending.delete(id);
    if (need && PASSING.has(error.code)) {
      const times = (failures.get(id) ?? 0) + 1;
      failures.set(id, times);
      defer(id, error.retry_after_ms ?? Math.min(SHORTEST * 2 ** (times - 1), LONGEST));
      return;
    }
    dispatch({ type: 'refused', id, request, error });
    // Requested again it would be refused again.
    if (need && needs(state()).some((one) => one.id === id)) deferred.set(id, Infinity);
    reject?.(error);
  }

  /** @param {string} id @param {number} ms */
  function defer(id, ms) {
    deferred.set(id, Date.now() + ms);
    clearTimeout(timer);
    const first = Math.min(...[...deferred.values()].filter((time) => time !== Infinity));
    timer = setTimeout(run, Math.max(first - Date.now(), 0) + 1);
  }

  /** @param {Fields} frame @param {Fields} entry */
  function sendFrame(frame, entry) {
    count += 1;
    const id = String(count);
    inFlight.set(id, { ...entry, frame });
    send({ ...frame, id });
  }

  /** @param {Need} need */
  function start(need) {
    pending.add(need.id);
    dispatch({ type: 'requested', id: need.id, request: need.request });
    const entry = { id: need.id, need };
    if (!need.rest) {
      sendFrame(need.request, entry);
      return;
    }
    const mine = generation;
    rest(...need.rest).then(
      (answer) => mine === generation && settle(entry, need.request, answer),
      (error) => mine === generation && refuse(entry, need.request, error),
    );
  }

  /** Requests what the state needs and is not in flight. */
  function run() {
    const lacking = needs(state());
    const now = Date.now();
    const ids = new Set(lacking.map(({ id }) => id));
    for (const [id, until] of deferred) if (until <= now || !ids.has(id)) deferred.delete(id);
    for (const need of lacking) {
      if (!pending.has(need.id) && !deferred.has(need.id)) start(need);
    }
  }

  return {
    run,

    /** The reply to this need could not be applied: request it again later. @param {string} id */
    postpone: (id) => defer(id, LONGEST),

    /** A command of a view. It is refused at once without a connection instead of waiting for one. @param {Fields} frame */
    request(frame) {
      if (state().link.status !== 'up') return Promise.reject({ code: 'offline', message: 'You are offline.' });
      return new Promise((resolve, reject) => sendFrame(frame, { resolve, reject }));
    },

    /** Handles a reply; true if the frame was one. @param {Fields} frame */
    answered(frame) {
      const entry = inFlight.get(frame.id);
      if (!entry) return frame.type === 'ok' || frame.type === 'pong';
      inFlight.delete(frame.id);
      /** @type {any} */
      const { type, id, ...answer } = frame;
      if (type === 'error') refuse(entry, entry.frame, answer);
      else settle(entry, entry.frame, answer);
      return true;
    },

    /** The connection is lost: needs will be requested again, and the result of commands is unknown. */
    lost() {
      generation += 1;
      const waiting = [...inFlight.values()];
      inFlight.clear();
      pending.clear();
      deferred.clear();
      failures.clear();
      for (const { reject } of waiting) reject?.({ code: 'offline', message: 'The connection was lost before the answer came.' });
    },
  };
}
