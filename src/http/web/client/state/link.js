// The connection and who is logged in.

/** @type {Handlers} */
export const link = {
  link: (state, { link: now }) => ({ ...state, link: now }),

  phase: (state, { phase, me }) => ({ ...state, phase, me: phase === 'member' ? { ...state.me, ...me } : null }),

  'frame:ready': (state, { frame }) => ({
    ...state,
    phase: 'member',
    me: { ...state.me, ...frame.user },
    server: frame.server,
    limits: frame.limits,
    heartbeat: frame.heartbeat_seconds * 1000,
    link: { status: 'up', why: null, attempt: 0 },
  }),

  /** The time goes on. */
  tick: (state) => state,
};
