// The conductor: owns the state, hears the server, asks for what is lacking, and makes `act`, by which the views do things.

import { whenBack } from '../lib/back.js';
import { copyText } from '../lib/clipboard.js';
import { newKey } from '../lib/key.js';
import { href } from '../lib/route.js';
import { report } from '../lib/report.js';
import { inWords } from '../lib/words.js';
import { directWith, sessionOfCode } from '../state/select.js';
import { empty, next } from '../state/state.js';
import { TYPING_MS } from '../state/typing.js';
import { rest as request } from './api.js';
import { entering } from './entering.js';
import { holder, watchHolder } from './holder.js';
import { keeping } from './keeping.js';
import { link } from './link.js';
import { marking } from './marking.js';
import { requests } from './requests.js';

/** Between two ticks of the state's clock. */
const TICK = 10_000;

/**
 * The client without its views.
 * @returns {{act: Actions, state: () => State, subscribe: (told: Subscriber) => void, start: () => void}}
 */
export function client() {
  let state = empty;
  /** @type {Set<Subscriber>} */
  const subscribers = new Set();
  /** @type {any[]} */
  const events = [];
  let handling = false;
  let lacking = false;

  /** @param {StateEvent} event */
  function dispatch(event) {
    events.push(event);
    // A subscriber may have something to say itself: in its turn, so that all hear everything in one order.
    if (handling) return;
    handling = true;
    try {
      while (events.length) handle(events.shift());
    } finally {
      handling = false;
    }
    lack();
  }

  /** @param {any} event */
  function handle(event) {
    const before = state;
    try {
      state = next(state, { now: Date.now(), ...event });
    } catch (error) {
      // What cannot be understood changes nothing, and is not asked for again and again.
      report(error);
      const { id, frame } = event;
      const need = frame?.type === 'changes' ? `sync:${frame.session}:${state.sessions[frame.session]?.rev}` : id;
      if (need) asking.postpone(need);
    }
    for (const told of subscribers) {
      try {
        told(state, before, event);
      } catch (error) {
        // What one cannot do is nothing to the others.
        report(error);
      }
    }
  }

  /** Asks for what is lacking, once for all events of this turn. */
  function lack() {
    if (lacking) return;
    lacking = true;
    queueMicrotask(() => {
      lacking = false;
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

  const displaced = () => Boolean(state.me && holder() && holder() !== state.me.id);

  /** Asks as the one who is in here, and never in the name of somebody else who has come in by another tab. @type {Actions['rest']} */
  async function rest(...question) {
    if (!displaced()) return request(...question);
    enter.follow(state.me);
    throw { status: 401, code: 'unauthenticated' };
  }

  const asking = requests({ state: () => state, dispatch, send: (frame) => connection.send(frame), rest });

  /** @param {Route} route */
  const go = (route) => whenBack(() => {
    const address = href(route);
    // A room's code does not belong into the address; a link that had one is left behind.
    const place = location.pathname === '/' || location.pathname === '/room' ? address : `/${address}`;
    if (route.name === 'room') dispatch({ type: 'route', route });
    else if (place !== address || history.state?.dialog) {
      // The entry of a dialog becomes that of the place to which it has led.
      history.replaceState(null, '', place);
      dispatch({ type: 'route', route });
    } else if (location.hash === address) dispatch({ type: 'route', route });
    else location.hash = address;
  });

  /** Home, in place of where one was: back does not lead there again. */
  const goHome = () => whenBack(() => {
    history.replaceState(null, '', `/${href({ name: 'home' })}`);
    dispatch({ type: 'route', route: { name: 'home' } });
  });

  /** @param {string} text @param {string} [kind] */
  const say = (text, kind = 'info') => dispatch({ type: 'toast', text, kind });
  /** @param {Refusal} error */
  const complain = (error) => say(inWords(error), 'error');

  /** @param {string} username */
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
      if (answer?.invite.state === 'pending') say(`Invitation sent. You can write to ${username} once it is accepted.`);
    }
  }

  /** @param {string} text @param {string} saying */
  async function copy(text, saying) {
    if (await copyText(text)) say(saying);
    else say('Your browser does not allow copying here. Select the text and copy it manually.', 'error');
  }

  /** @type {any} */
  const act = {
    dispatch,
    rest,
    go,
    writeTo,
    copy,
    /** What is being written in a session by now; what is drawn may be a moment older. @param {string} session */
    draft: (session) => state.drafts[session],
    /** @param {string} text */
    announce: (text) => dispatch({ type: 'announce', text }),
    /** @param {Fields} frame */
    ask: (frame) => asking.ask(frame),
    /**
     * A command whose answer nobody waits for; what is wrong with it is said. Resolves with the answer, or nothing.
     * @param {Fields} frame
     */
    change: (frame) => asking.ask(frame).catch(complain),
    /** @param {string} session @param {string} text @param {Fields} [options] */
    send(session, text, { reply_to } = {}) {
      dispatch({ type: 'wrote', pending: { key: newKey(), session, text, reply_to, at: Date.now(), status: 'waiting' } });
    },
  };
  const enter = entering({ dispatch, rest: request, connection, goHome });
  Object.assign(act, enter.act);
  watchHolder(() => {
    if (holder() !== state.me?.id) enter.follow(state.me);
  });

  subscribers.add(keeping(dispatch));
  subscribers.add(marking((frame) => connection.up && connection.send(frame)));
  subscribers.add((now, before, { type, frame }) => {
    if (type === 'retry_link') (now.phase === 'starting' ? enter.start : connection.retry)();
    // A sign of writing ends between two ticks.
    if (frame?.type === 'typing') setTimeout(tick, TYPING_MS + 1);
    // Whoever follows a link to a room they are in is led there.
    const { route } = now.view;
    const mine = route.name === 'room' && sessionOfCode(route.code, now);
    if (mine) go({ name: 'session', id: mine.id });
    // Whose conversation has ended before their eyes is led home, where back does not lead into it again.
    if (now.view.missing === route.id && before.sessions[route.id]) goHome();
  });

  const tick = () => dispatch({ type: 'tick' });
  setInterval(tick, TICK);

  return { act, state: () => state, subscribe: (told) => subscribers.add(told), start: enter.start };
}
