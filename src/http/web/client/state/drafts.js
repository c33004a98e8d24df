// Drafts by session.

import { merged, withEntry, without } from '../lib/dict.js';
import { sendable } from '../lib/text.js';

/** @param {Dict<Draft>} drafts @param {string} session @param {Draft|null|undefined} draft */
const put = (drafts, session, draft) => (draft ? withEntry(drafts, session, draft) : without(drafts, session));

/** The state without the draft of a session that has ended. @param {State} state @param {string} id */
const drop = (state, id) => (state.sessions[id] ? state : { ...state, drafts: put(state.drafts, id, null) });

/** @type {Handlers} */
export const drafts = {
  draft: (state, { session, draft }) => ({ ...state, drafts: put(state.drafts, session, draft) }),
  // The edit is stored: the draft from before it returns, unless the user has continued to edit.
  'answered:edit': (state, { request: { session, seq, text } }) => {
    const draft = state.drafts[session];
    return draft?.edit === seq && sendable(draft.text) === text ? { ...state, drafts: put(state.drafts, session, draft.before) } : state;
  },
  'frame:session_removed': (state, { frame }) => drop(state, frame.session),
  // It ended while the client was offline.
  'refused:session': (state, { request }) => drop(state, request.session),
  restored: (state, { drafts: kept }) => ({ ...state, drafts: merged(kept, state.drafts) }),
};
