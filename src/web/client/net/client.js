// The conductor: owns the state, hears the server, asks for what is lacking, and makes `act`, by which the views do things.

import { href } from '../lib/route.js';
import { directWith } from '../state/select.js';
import { empty, next } from '../state/state.js';
import { rest } from './api.js';
import { entering } from './entering.js';
import { link } from './link.js';
import { requests } from './requests.js';

/** Between two ticks of the state's clock. */
const TICK = 10_000;

/** A name for one message, never used twice. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The client without its views.
 * @returns {{act: object, state: () => object, subscribe: (told: (state, before, event) => void) => void}}
 */
export function client() {
  let state = empty;
  const subscribers = new Set();
  let running = false;

  function dispatch(event) {
    const before = state;
    state = next(state, { now: Date.now(), ...event });
    if (event.type === 'retry_link') connection.retry();
    for (const told of subscribers) told(state, before, event);
    lack();
  }

  /** Asks for what is lacking, once for all events of this turn. */
  function lack() {
    if (running) return;
    running = true;
    queueMicrotask(() => {
      running = false;
      asking.run();
    });
  }

  const connection = link({
    frame(frame) {
      if (!asking.answered(frame)) dispatch({ type: 'frame', frame });
    },
    tell(now) {
      if (now.status !== 'up') asking.lost();
      dispatch({ type: 'link', link: now });
    },
    revoked(code) {
      asking.lost();
      enter.ended(code);
    },
  });

  const asking = requests({ state: () => state, dispatch, send: (frame) => connection.send(frame), rest });

  function go(route) {
    const address = href(route);
    // A room's code does not belong into the address; a link that had one is left behind.
    if (route.name === 'room') dispatch({ type: 'route', route });
    else if (location.pathname !== '/' && location.pathname !== '/room') {
      history.replaceState(null, '', `/${address}`);
      dispatch({ type: 'route', route });
    } else if (location.hash === address) dispatch({ type: 'route', route });
    else location.hash = address;
  }

  const say = (text, kind = 'info') => dispatch({ type: 'toast', text, kind });
  const complain = (error) => say(error.message, 'error');

  async function writeTo(username) {
    const known = directWith(username, state);
    if (known) {
      go({ name: 'session', id: known.id });
      return;
    }
    try {
      const { session } = await asking.ask({ type: 'open', username });
      go({ name: 'session', id: session.id });
    } catch (error) {
      if (error.code !== 'invite_required') {
        complain(error);
        return;
      }
      const answer = await act.change({ type: 'invite', username });
      if (answer?.invite.state === 'pending') say(`${username} accepts messages from invited people only. Your invitation is sent; you can write as soon as it is accepted.`);
    }
  }

  async function copy(text, saying) {
    try {
      await navigator.clipboard.writeText(text);
      say(saying);
    } catch {
      say('Copying is not allowed here. Select the text and copy it by hand.', 'error');
    }
  }

  const act = {
    dispatch,
    rest,
    go,
    writeTo,
    copy,
    announce: (text) => dispatch({ type: 'announce', text }),
    ask: (frame) => asking.ask(frame),
    /** A command whose answer nobody waits for; what is wrong with it is said. Resolves with the answer, or nothing. */
    change: (frame) => asking.ask(frame).catch(complain),
    send(session, text, { reply_to } = {}) {
      dispatch({ type: 'wrote', pending: { key: newKey(), session, text, reply_to, at: Date.now(), status: 'waiting' } });
    },
  };
  const enter = entering({ dispatch, rest, connection });
  Object.assign(act, enter.act);

  setInterval(() => dispatch({ type: 'tick' }), TICK);

  return { act, state: () => state, subscribe: (told) => subscribers.add(told), start: enter.start };
}
