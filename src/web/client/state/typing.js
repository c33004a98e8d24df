// Who is writing. A sign lasts six seconds; whoever goes on writing gives another one.

import { change } from './session.js';

/** Milliseconds for which a sign counts. */
export const TYPING_MS = 6000;

const stopped = (state, id, username) => change(state, id, (session) => {
  if (!(username in session.typing)) return session;
  const { [username]: done, ...typing } = session.typing;
  return { ...session, typing };
});

export const typing = {
  'frame:typing': (state, { frame }) => change(state, frame.session, (session) => (
    { ...session, typing: { ...session.typing, [frame.username]: state.now + TYPING_MS } }
  )),

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
