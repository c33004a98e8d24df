// The room behind a link, before joining.

/** @type {Handlers} */
export const room = {
  route: (state, { route }) => {
    if (route.name !== 'room') return state.room ? { ...state, room: null } : state;
    return state.room?.code === route.code ? state : { ...state, room: { code: route.code, status: 'loading' } };
  },
  /** Tries again. */
  room: (state, { code }) => ({ ...state, room: { code, status: 'loading' } }),

  'answered:look': (state, { request, answer }) => (
    state.room?.code === request.code ? { ...state, room: { ...answer, code: request.code, status: 'look' } } : state
  ),
  'refused:look': (state, { request, error }) => {
    if (state.room?.code !== request.code) return state;
    const status = error.code === 'unknown_room' ? 'unknown' : 'failed';
    return { ...state, room: { code: request.code, status, error } };
  },
};
