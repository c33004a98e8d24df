// What is being written, by session.

import { merged, withEntry, without } from '../lib/dict.js';
import { sendable } from '../lib/prose.js';

/** @param {Dict<Draft>} drafts @param {string} session @param {Draft|null|undefined} draft */
const put = (drafts, session, draft) => (draft ? withEntry(drafts, session, draft) : without(drafts, session));

/** @type {Handlers} */
export const drafts = {
  draft: (state, { session, draft }) => ({ ...state, drafts: put(state.drafts, session, draft) }),
  // The change is kept: what was being written before it comes back, unless one has gone on writing meanwhile.
  'answered:edit': (state, { request: { session, seq, text } }) => {
    const draft = state.drafts[session];
    return draft?.edit === seq && sendable(draft.text) === text ? { ...state, drafts: put(state.drafts, session, draft.before) } : state;
  },
  'frame:session_removed': (state, { frame }) => (
    state.sessions[frame.session] ? state : { ...state, drafts: put(state.drafts, frame.session, null) }
  ),
  // It has ended while one was away.
  'refused:session': (state, { request }) => (
    state.sessions[request.session] ? state : { ...state, drafts: put(state.drafts, request.session, null) }
  ),
  restored: (state, { drafts: kept }) => ({ ...state, drafts: merged(kept, state.drafts) }),
};
