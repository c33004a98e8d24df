// Who is writing. A sign lasts six seconds; whoever goes on writing gives another one.

import { withEntry, without } from '../lib/dict.js';
import { change } from './session.js';

/** Milliseconds for which a sign counts. */
export const TYPING_MS = 6000;

/** @param {State} state @param {string} id @param {string} username */
const stopped = (state, id, username) => change(state, id, (session) => {
  return username in session.typing ? { ...session, typing: without(session.typing, username) } : session;
});

/** @type {Handlers} */
export const typing = {
  // What one writes in another tab is no news.
  'frame:typing': (state, { frame: { session: id, username } }) => (username === state.me.username ? state : change(state, id, (session) => (
    { ...session, typing: withEntry(session.typing, username, state.now + TYPING_MS) }
  ))),

  'frame:message': (state, { frame }) => stopped(state, frame.session, frame.username),

  tick: (state) => {
    let after = state;
    for (const { id, typing: signs } of Object.values(state.sessions)) {
      for (const [username, until] of Object.entries(signs)) {
        if (until <= state.now) after = stopped(after, id, username);
      }
    }
    return after;
  },
};
