// The connection and the current user.

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
    link: { status: 'up', why: null, attempt: 0 },
  }),

  /** Only the clock. */
  tick: (state) => state,
};
