// Typing signs. One lasts six seconds and is renewed by further typing.

import { withEntry, without } from '../lib/dict.js';
import { change } from './session.js';

/** Milliseconds until a sign expires. */
export const TYPING_MS = 6000;

/** @param {State} state @param {string} id @param {string} username */
const stopped = (state, id, username) => change(state, id, (session) => {
  return username in session.typing ? { ...session, typing: without(session.typing, username) } : session;
});

/** @type {Handlers} */
export const typing = {
  // Own signs, of another tab, are ignored.
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
