// The route and what is open there.

import { change, draw, judge, opened } from './session.js';
import { covers } from './span.js';

/** Sessions besides the open one whose messages are kept loaded. */
const KEPT = 8;

/** @param {State} state @param {Partial<State['view']>} what */
const set = (state, what) => ({ ...state, view: { ...state.view, ...what } });

/**
 * Jumps to a message, which is loaded with those around it if it is not held.
 * @param {State} state
 * @param {string} id
 * @param {number} seq
 */
function aim(state, id, seq) {
  const aimed = set(state, { jump: { session: id, seq } });
  return change(aimed, id, (session) => (
    session.span && !covers(session.span, seq) ? { ...session, wants: Math.min(Math.max(seq, 1), session.seq) } : session
  ));
}

/** Leaves a session: the "new messages" line is removed, and old spans are unloaded. @param {State} state @param {string} id */
function leave(state, id) {
  const left = change(state, id, (session) => ({ ...session, line: null, leftAt: state.now }));
  const loaded = Object.values(left.sessions).filter(({ span }) => span).sort((a, b) => (b.leftAt ?? 0) - (a.leftAt ?? 0));
  return loaded.slice(KEPT).reduce((after, session) => change(after, session.id, (held) => ({ ...held, span: null })), left);
}

/** @type {Handlers} */
export const view = {
  route: (state, { route }) => {
    const before = opened(state);
    const left = before && before.id !== route.id ? leave(state, before.id) : state;
    const there = judge(draw(set(left, { route, missing: null, jump: null })));
    return route.name === 'session' && route.seq ? aim(there, route.id, route.seq) : there;
  },
  side: (state, { side }) => set(state, { side }),
  dialog: (state, { dialog }) => set(state, { dialog }),
  visible: (state, { visible }) => set(state, { visible }),
  focused: (state, { focused }) => set(state, { focused }),
};
