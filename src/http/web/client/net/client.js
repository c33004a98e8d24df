// Owns the state, connects it to the server, sends the requests that it needs, and makes `act`, the actions of the views.

import { copyText } from '../lib/clipboard.js';
import { newKey } from '../lib/key.js';
import { href, whenBack } from '../lib/route.js';
import { report } from '../lib/report.js';
import { errorText } from '../lib/wording.js';
import { directWith, sessionOfCode } from '../state/select.js';
import { empty, next } from '../state/state.js';
import { TYPING_MS } from '../state/typing.js';
import { rest as restRequest } from './api.js';
import { createAuth } from './auth.js';
import { currentUser, watchCurrentUser } from './current-user.js';
import { persist } from './persistence.js';
import { link } from './link.js';
import { markDelivered } from './delivery.js';
import { createRequests } from './requests.js';

/** Milliseconds between two ticks of the state's clock. */
const TICK = 10_000;

/**
 * The client without its views.
 * @returns {{act: Actions, state: () => State, subscribe: (subscriber: Subscriber) => void, start: () => void}}
 */
export function client() {
  let state = empty;
  /** @type {Set<Subscriber>} */
  const subscribers = new Set();
  /** @type {any[]} */
  const events = [];
  let handling = false;
  let scheduled = false;

  /** @param {StateEvent} event */
  function dispatch(event) {
    events.push(event);
    // A subscriber may dispatch, too: its event is queued, so that all subscribers see all events in one order.
    if (handling) return;
    handling = true;
    try {
      while (events.length) handle(events.shift());
    } finally {
      handling = false;
    }
    scheduleRequests();
  }

  /** @param {any} event */
  function handle(event) {
    const before = state;
    try {
      state = next(state, { now: Date.now(), ...event });
    } catch (error) {
      // A frame that fails to apply changes nothing, and is not requested again at once.
      report(error);
      const { id, frame } = event;
      const need = frame?.type === 'changes' ? `sync:${frame.session}:${state.sessions[frame.session]?.rev}` : id;
      if (need) requests.postpone(need);
    }
    for (const subscriber of subscribers) {
      try {
        subscriber(state, before, event);
      } catch (error) {
        // An error in one subscriber does not affect the others.
        report(error);
      }
    }
  }

  /** Sends the requests that the state needs, once for all events of this turn. */
  function scheduleRequests() {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      requests.run();
    });
  }

  const connection = link({
    frame(frame) {
      if (!requests.answered(frame)) dispatch({ type: 'frame', frame });
    },
    status(now) {
      if (now.status !== 'up') requests.lost();
      dispatch({ type: 'link', link: now });
    },
    revoked(code) {
      requests.lost();
      auth.ended(code);
    },
  });

  const displaced = () => Boolean(state.me && currentUser() && currentUser() !== state.me.id);

  /** Requests as the user of this tab, never as another one who has logged in from another tab. @type {Actions['rest']} */
  async function rest(...args) {
    if (!displaced()) return restRequest(...args);
    auth.follow(state.me);
    throw { status: 401, code: 'unauthenticated' };
  }

  const requests = createRequests({ state: () => state, dispatch, send: (frame) => connection.send(frame), rest });

  /** @param {Route} route */
  const go = (route) => whenBack(() => {
    const address = href(route);
    // A room code does not belong in the address; a link with one is replaced.
    const place = location.pathname === '/' || location.pathname === '/room' ? address : `/${address}`;
    if (route.name !== 'room') {
      // The entry of a dialog becomes that of the place it has led to.
      if (place !== address || history.state?.dialog) history.replaceState(null, '', place);
      else if (location.hash !== address) {
        // Its event dispatches the route.
        location.hash = address;
        return;
      }
    }
    dispatch({ type: 'route', route });
  });

  /** Home, in place of the current entry: Back does not return to it. */
  const goHome = () => whenBack(() => {
    history.replaceState(null, '', `/${href({ name: 'home' })}`);
    dispatch({ type: 'route', route: { name: 'home' } });
  });

  /** @param {string} text @param {string} [kind] */
  const toast = (text, kind = 'info') => dispatch({ type: 'toast', text, kind });
  /** @param {Refusal} error */
  const showError = (error) => toast(errorText(error), 'error');

  /** @param {string} username */
  async function writeTo(username) {
    const known = directWith(username, state);
    if (known) return act.openSession(known.id);
    try {
      const { session } = await requests.request({ type: 'open', username });
      act.openSession(session.id);
    } catch (error) {
      if (error.code !== 'invite_required') return showError(error);
      const answer = await act.change({ type: 'invite', username });
      if (answer?.invite.state === 'pending') toast(`Invitation sent. You can write to ${username} once it is accepted.`);
    }
  }

  /** @param {string} text @param {string} confirmation */
  async function copy(text, confirmation) {
    if (await copyText(text)) toast(confirmation);
    else toast('Your browser does not allow copying here. Select the text and copy it manually.', 'error');
  }

  /** @type {any} */
  const act = {
    dispatch,
    rest,
    go,
    /** @param {string} id */
    openSession: (id) => go({ name: 'session', id }),
    writeTo,
    copy,
    toast,
    showError,
    /** `name` selects the dialog, the other fields are for its view. @param {Fields} dialog */
    openDialog: (dialog) => dispatch({ type: 'dialog', dialog }),
    /** @param {Fields} options see `confirm` in views/dialogs */
    confirm: (options) => act.openDialog({ name: 'confirm', ...options }),
    closeDialog: () => dispatch({ type: 'dialog', dialog: null }),
    /** The current draft of a session; the rendered one may be older. @param {string} session */
    draft: (session) => state.drafts[session],
    /** @param {string} text */
    announce: (text) => dispatch({ type: 'announce', text }),
    /** @param {Fields} frame */
    request: (frame) => requests.request(frame),
    /**
     * A command whose caller does not handle errors: they are shown as a toast. Resolves with the reply, or nothing.
     * @param {Fields} frame
     */
    change: (frame) => requests.request(frame).catch(showError),
    /** @param {string} session @param {string} text @param {Fields} [options] */
    send(session, text, { reply_to } = {}) {
      dispatch({ type: 'wrote', pending: { key: newKey(), session, text, reply_to, at: Date.now(), status: 'waiting' } });
    },
  };
  const auth = createAuth({ dispatch, rest: restRequest, connection, goHome });
  Object.assign(act, auth.act);
  watchCurrentUser(() => {
    if (currentUser() !== state.me?.id) auth.follow(state.me);
  });

  subscribers.add(persist(dispatch));
  subscribers.add(markDelivered((frame) => connection.up && connection.send(frame)));
  subscribers.add((now, before, { type, frame }) => {
    if (type === 'retry_link') (now.phase === 'starting' ? auth.start : connection.retry)();
    // A typing sign expires between two ticks.
    if (frame?.type === 'typing') setTimeout(tick, TYPING_MS + 1);
    // A link to a room that the user is in leads to its session.
    const { route } = now.view;
    const mine = route.name === 'room' && sessionOfCode(route.code, now);
    if (mine) act.openSession(mine.id);
    // If the open session has ended, home replaces it, so that Back does not return to it.
    if (now.view.missing === route.id && before.sessions[route.id]) goHome();
  });

  const tick = () => dispatch({ type: 'tick' });
  setInterval(tick, TICK);

  return { act, state: () => state, subscribe: (subscriber) => subscribers.add(subscriber), start: auth.start };
}
