// What is under way: commands of the views with their promises, and what the state needs. Both become events when they
// are answered. A refusal that trying again may cure is not one: the need stays, and is asked once more after a pause.

import { needs } from '../state/needs.js';

/** Refusals that say nothing about the request itself. */
const PASSING = new Set(['rate_limited', 'too_many_attempts', 'busy', 'unavailable', 'internal', 'offline', 'unauthenticated']);
const SHORTEST = 1000;
const LONGEST = 30_000;

/**
 * @param {{state: () => State, dispatch: (event: StateEvent) => void, send: (frame: Fields) => void,
 *   rest: (method: string, path: string, body?: object) => Promise<any>}} with_
 */
export function requests({ state, dispatch, send, rest }) {
  /** Name on the wire → what it was for. */
  const asked = new Map();
  /** Needs under way, and those that are not to be asked (yet): id → time, or Infinity after a lasting refusal. */
  const underWay = new Set();
  const held = new Map();
  const failures = new Map();
  let count = 0;
  let life = 0;
  /** @type {any} */
  let timer = null;

  /** @param {Fields} options @param {Fields} request @param {Fields} answer */
  function settle({ id, need, resolve }, request, answer) {
    if (need) {
      underWay.delete(id);
      failures.delete(id);
    }
    dispatch({ type: 'answered', id, request, answer, note: need?.note });
    resolve?.(answer);
  }

  /** @param {Fields} options @param {Fields} request @param {Refusal} error */
  function refuse({ id, need, reject }, request, error) {
    underWay.delete(id);
    if (need && PASSING.has(error.code)) {
      const times = (failures.get(id) ?? 0) + 1;
      failures.set(id, times);
      hold(id, error.retry_after_ms ?? Math.min(SHORTEST * 2 ** (times - 1), LONGEST));
      return;
    }
    dispatch({ type: 'refused', id, request, error });
    // Asked again and again it would be refused again and again.
    if (need && needs(state()).some((one) => one.id === id)) held.set(id, Infinity);
    reject?.(error);
  }

  /** @param {string} id @param {number} ms */
  function hold(id, ms) {
    held.set(id, Date.now() + ms);
    clearTimeout(timer);
    const first = Math.min(...[...held.values()].filter((time) => time !== Infinity));
    timer = setTimeout(run, Math.max(first - Date.now(), 0) + 1);
  }

  /** @param {Fields} frame @param {Fields} entry */
  function say(frame, entry) {
    count += 1;
    const id = String(count);
    asked.set(id, { ...entry, frame });
    send({ ...frame, id });
  }

  /** @param {Need} need */
  function start(need) {
    underWay.add(need.id);
    dispatch({ type: 'asked', id: need.id, request: need.request });
    const entry = { id: need.id, need };
    if (!need.rest) {
      say(need.request, entry);
      return;
    }
    const mine = life;
    rest(...need.rest).then(
      (answer) => mine === life && settle(entry, need.request, answer),
      (error) => mine === life && refuse(entry, need.request, error),
    );
  }

  /** Asks for what the state lacks and is not under way. */
  function run() {
    const lacking = needs(state());
    const now = Date.now();
    const ids = new Set(lacking.map(({ id }) => id));
    for (const [id, until] of held) if (until <= now || !ids.has(id)) held.delete(id);
    for (const need of lacking) {
      if (!underWay.has(need.id) && !held.has(need.id)) start(need);
    }
  }

  return {
    run,

    /** The answer to this need could not be taken in: it is asked for again, but not at once. @param {string} id */
    postpone: (id) => hold(id, LONGEST),

    /**
     * A command of a view. Without a connection it is refused at once: nobody should wait for what may never go out.
     * @param {Fields} frame
     */
    ask(frame) {
      if (state().link.status !== 'up') return Promise.reject({ code: 'offline', message: 'You are offline.' });
      return new Promise((resolve, reject) => say(frame, { resolve, reject }));
    },

    /** An answer of the server; true where it was one. @param {Fields} frame */
    answered(frame) {
      const entry = asked.get(frame.id);
      if (!entry) return frame.type === 'ok' || frame.type === 'pong';
      asked.delete(frame.id);
      /** @type {any} */
      const { type, id, ...answer } = frame;
      if (type === 'error') refuse(entry, entry.frame, answer);
      else settle(entry, entry.frame, answer);
      return true;
    },

    /** The connection is gone: what is lacking will be asked again, and nobody knows what became of the commands. */
    lost() {
      life += 1;
      const waiting = [...asked.values()];
      asked.clear();
      underWay.clear();
      held.clear();
      failures.clear();
      for (const { reject } of waiting) reject?.({ code: 'offline', message: 'The connection was lost before the answer came.' });
    },
  };
}
