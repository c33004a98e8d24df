// What is being written, by session.

const put = (drafts, session, draft) => {
  const { [session]: gone, ...rest } = drafts;
  return draft ? { ...rest, [session]: draft } : rest;
};

export const drafts = {
  draft: (state, { session, draft }) => ({ ...state, drafts: put(state.drafts, session, draft) }),
  'frame:session_removed': (state, { frame }) => (
    state.sessions[frame.session] ? state : { ...state, drafts: put(state.drafts, frame.session, null) }
  ),
  restored: (state, { drafts: kept }) => ({ ...state, drafts: { ...kept, ...state.drafts } }),
};
