// What looking for people has found so far.

export const directory = {
  /** Looks for people; an empty query finds the directory's beginning. */
  directory: (state, { query }) => ({ ...state, directory: { query, users: [], next: null, loading: true } }),
  directory_more: (state) => (
    state.directory?.next ? { ...state, directory: { ...state.directory, loading: true } } : state
  ),

  'answered:users': (state, { request, answer }) => {
    const held = state.directory;
    if (!held || held.query !== request.query) return state;
    const users = request.cursor ? [...held.users, ...answer.users] : answer.users;
    return { ...state, directory: { ...held, users, next: answer.next ?? null, loading: false, error: undefined } };
  },
  'refused:users': (state, { request, error }) => (
    state.directory?.query === request.query ? { ...state, directory: { ...state.directory, loading: false, error } } : state
  ),
};
