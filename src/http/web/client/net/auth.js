// Authentication: login with an account or as a guest, logout, and the end of a login by the server.

import { isolate } from '../lib/names.js';
import { USERNAME } from '../lib/validation.js';
import { setCurrentUser } from './current-user.js';
import { reconnectPlan } from './backoff.js';

function madeUp() {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return `guest-${[...crypto.getRandomValues(new Uint8Array(6))].map((byte) => letters[byte % letters.length]).join('')}`;
}

/**
 * Logs in a guest of this name. If the name cannot be a username, the guest has a random one and this as display name.
 * @param {Actions['rest']} rest
 * @param {string} name
 */
async function loginAsGuest(rest, name) {
  const shown = name.trim();
  if (USERNAME.test(shown)) {
    try {
      return await rest('POST', '/guests', { name: shown });
    } catch (error) {
      if (error.code !== 'username_taken') throw error;
    }
  }
  await rest('POST', '/guests', { name: madeUp() });
  return orLogout(rest, () => rest('PATCH', '/me', { display_name: shown }));
}

/** Does something as a new guest, who is logged out if it fails. @param {Actions['rest']} rest @param {() => Promise<any>} task */
async function orLogout(rest, task) {
  try {
    return await task();
  } catch (error) {
    await rest('POST', '/logout').catch(() => {});
    throw error;
  }
}

/** The error for a browser that has not kept the cookie of a successful login. */
function cookieRefused() {
  return globalThis.location?.protocol === 'http:'
    ? 'This login was not kept: browsers keep this server\'s logins over https only. Open the page with https:// instead.'
    : 'This login was not kept. Allow cookies for this page and try again.';
}

/**
 * Does something as the user who has just logged in. If it is unauthorised, the browser has not kept the cookie.
 * @param {() => Promise<any>} work
 */
async function afterLogin(work) {
  try {
    return await work();
  } catch (error) {
    if (error.status !== 401) throw error;
    setCurrentUser(null);
    throw { ...error, code: 'not_kept', message: cookieRefused() };
  }
}

/** @param {{dispatch: Actions['dispatch'], rest: Actions['rest'], connection: {start(): void, stop(): void}, goHome: () => void}} tools */
export function createAuth({ dispatch, rest, connection, goHome }) {
  let leaving = false;
  let displaced = false;
  let failures = 0;
  /** @type {any} */
  let timer = null;

  async function enter() {
    const { user, ...settings } = await rest('GET', '/me');
    failures = 0;
    setCurrentUser(user.id);
    dispatch({ type: 'phase', phase: 'member', me: { ...user, ...settings } });
    if (displaced) dispatch({ type: 'toast', text: `${isolate(user.display_name)} logged in in another tab. This tab now uses the same account.` });
    displaced = false;
    connection.start();
  }

  /** Forgets the user. `erase`: also what they left in this browser. @param {boolean} erase */
  function forget(erase) {
    connection.stop();
    dispatch({ type: 'wiped', erase });
  }

  /** Finds out whether a user is logged in, retrying until the server responds. */
  async function start() {
    clearTimeout(timer);
    try {
      await enter();
    } catch (error) {
      if (error.status === 401) {
        displaced = false;
        setCurrentUser(null);
        forget(false);
      } else {
        failures += 1;
        const { why, ms } = reconnectPlan({ code: 1006, opened: false }, failures, Math.random());
        timer = setTimeout(start, ms);
        dispatch({ type: 'link', link: { status: 'waiting', why, attempt: failures, retryAt: Date.now() + ms } });
      }
    }
  }

  /** @param {{username: string, password: string}} account */
  async function login({ username, password }) {
    const { user } = await rest('POST', '/login', { username, password, device: device() });
    // From here on the cookie is theirs, and so are the requests of other tabs.
    setCurrentUser(user.id);
    await afterLogin(enter);
  }

  return {
    start,

    /** Another tab has logged in, perhaps as another user; `me` is the user so far. @param {Me|null} me */
    follow(me) {
      forget(false);
      if (me) goHome();
      displaced ||= Boolean(me);
      dispatch({ type: 'phase', phase: 'starting' });
      start();
    },

    /** The login has ended: on another device, by expiry, or because the server does not know it. @param {number} code */
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
       * Logs in as a guest. `task` runs before the page becomes the guest's; if it fails, the guest is logged out.
       * @param {string} name
       * @param {() => Promise<any>} task
       */
      guest: (name, task) => afterLogin(async () => {
        await loginAsGuest(rest, name);
        const done = task && await orLogout(rest, task);
        await enter();
        return done;
      }),

      async logout() {
        leaving = true;
        try {
          await rest('POST', '/logout');
        } catch (error) {
          // Already logged out is success.
          if (error.status !== 401) throw error;
        } finally {
          leaving = false;
        }
        setCurrentUser(null);
        forget(true);
        // The next user does not start where this one was.
        goHome();
      },
    },
  };
}

/** The name of this login in the list of logins. */
function device() {
  const agent = navigator.userAgent;
  const browser = ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`)) ?? 'Browser';
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'].find((name) => agent.includes(name));
  /** @type {Fields} */
  const names = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  return [names[browser] ?? browser, system && `on ${names[system] ?? system}`].filter(Boolean).join(' ');
}
