// Message search: the query and the hits so far.

/** @param {State} state @param {Fields} request */
const fits = ({ search }, request) => (
  search && search.query === request.query && (search.session ?? null) === (request.session ?? null)
);

/** @type {Handlers} */
export const search = {
  search: (state, { query, session }) => ({
    ...state,
    search: { query, session, hits: [], next: null, status: query.trim() ? 'busy' : 'idle' },
  }),
  search_more: (state) => (state.search?.next ? { ...state, search: { ...state.search, status: 'busy' } } : state),

  'answered:search': (state, { request, answer }) => {
    if (!fits(state, request)) return state;
    const hits = request.cursor ? [...state.search.hits, ...answer.messages] : answer.messages;
    return { ...state, search: { ...state.search, hits, next: answer.next ?? null, status: 'done', error: undefined } };
  },
  'refused:search': (state, { request, error }) => (
    fits(state, request) ? { ...state, search: { ...state.search, status: 'failed', error } } : state
  ),
};
