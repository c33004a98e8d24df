// Coming in and going: accounts, guests, logging out, and being logged out.

import { isolate } from '../lib/names.js';
import { hold } from './holder.js';
import { after } from './pauses.js';

/** What the server takes as a username. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/;

function madeUp() {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return `guest-${[...crypto.getRandomValues(new Uint8Array(6))].map((byte) => letters[byte % letters.length]).join('')}`;
}

/**
 * A guest of this name; where it cannot be a username, of a made-up one with this name to be shown.
 * @param {Actions['rest']} rest
 * @param {string} name
 */
async function comeIn(rest, name) {
  const shown = name.trim();
  if (USERNAME.test(shown)) {
    try {
      return await rest('POST', '/guests', { name: shown });
    } catch (error) {
      if (error.code !== 'username_taken') throw error;
    }
  }
  await rest('POST', '/guests', { name: madeUp() });
  try {
    return await rest('PATCH', '/me', { display_name: shown });
  } catch (error) {
    await rest('POST', '/logout').catch(() => {});
    throw error;
  }
}

/** What to say where the browser has not kept the cookie of a login that the server had accepted. */
function notKept() {
  return globalThis.location?.protocol === 'http:'
    ? 'This login was not kept: browsers keep this server\'s logins over https only. Open the page with https:// instead.'
    : 'This login was not kept. Allow cookies for this page and try again.';
}

/** Does something as whoever has just come in: where nobody has, the browser did not keep the cookie. @param {() => Promise<any>} work */
async function asNewcomer(work) {
  try {
    return await work();
  } catch (error) {
    if (error.status !== 401) throw error;
    hold(null);
    throw { ...error, code: 'not_kept', message: notKept() };
  }
}

/** @param {{dispatch: Actions['dispatch'], rest: Actions['rest'], connection: {start(): void, stop(): void}, goHome: () => void}} tools */
export function entering({ dispatch, rest, connection, goHome }) {
  /** @param {string} text */
  const say = (text) => dispatch({ type: 'toast', text });
  let leaving = false;
  let displaced = false;
  let failures = 0;
  /** @type {any} */
  let timer = null;

  async function enter() {
    const { user, ...settings } = await rest('GET', '/me');
    failures = 0;
    hold(user.id);
    dispatch({ type: 'phase', phase: 'member', me: { ...user, ...settings } });
    if (displaced) say(`${isolate(user.display_name)} logged in in another tab. This tab now uses the same account.`);
    displaced = false;
    connection.start();
  }

  /** Nobody is here any more. `erase`: nor is what they left in this browser. @param {boolean} erase */
  function forget(erase) {
    connection.stop();
    dispatch({ type: 'wiped', erase });
  }

  /** Finds out whether somebody is logged in here; until the server says so, again and again. */
  async function start() {
    clearTimeout(timer);
    try {
      await enter();
    } catch (error) {
      if (error.status === 401) {
        displaced = false;
        hold(null);
        forget(false);
      } else {
        failures += 1;
        const { why, ms } = after({ code: 1006, opened: false }, failures, Math.random());
        timer = setTimeout(start, ms);
        dispatch({ type: 'link', link: { status: 'waiting', why, attempt: failures, retryAt: Date.now() + ms } });
      }
    }
  }

  /** @param {{username: string, password: string}} account */
  async function login({ username, password }) {
    const { user } = await rest('POST', '/login', { username, password, device: device() });
    // From here on the cookie is theirs, and so is what other tabs ask.
    hold(user.id);
    await asNewcomer(enter);
  }

  return {
    start,

    /** Another tab has come in as somebody else, perhaps in the place of who was here. @param {Me|null} me */
    follow(me) {
      forget(false);
      if (me) goHome();
      displaced ||= Boolean(me);
      dispatch({ type: 'phase', phase: 'starting' });
      start();
    },

    /** The login has ended: elsewhere, by its age, or since the server knows nothing of it. @param {number} code */
    ended(code) {
      if (leaving) return;
      forget(false);
      dispatch({ type: 'link', link: { status: 'refused', why: 'revoked', code, attempt: 0 } });
    },

    act: {
      login,

      /** @param {{username: string, password: string}} account */
      async register({ username, password }) {
        await rest('POST', '/register', { username, password });
        await login({ username, password });
      },

      /**
       * `errand` runs as the guest before the page becomes theirs; where it fails nobody has come in.
       * @param {string} name
       * @param {() => Promise<any>} errand
       */
      guest: (name, errand) => asNewcomer(async () => {
        await comeIn(rest, name);
        let done;
        try {
          done = await errand?.();
        } catch (error) {
          await rest('POST', '/logout').catch(() => {});
          throw error;
        }
        await enter();
        return done;
      }),

      async logout() {
        leaving = true;
        try {
          await rest('POST', '/logout');
        } catch (error) {
          // Whoever is logged out already has what they asked for.
          if (error.status !== 401) throw error;
        } finally {
          leaving = false;
        }
        hold(null);
        forget(true);
        // Whoever comes next is not led to where somebody else was.
        goHome();
      },
    },
  };
}

/** How this login is called in the list of logins. */
function device() {
  const agent = navigator.userAgent;
  const browser = ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`)) ?? 'Browser';
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'].find((name) => agent.includes(name));
  /** @type {Fields} */
  const names = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  return [names[browser] ?? browser, system && `on ${names[system] ?? system}`].filter(Boolean).join(' ');
}
