// Pending invites, received and sent. Answered, withdrawn and expired ones are removed.

import { nameKey } from './people.js';
import { withSession } from './session.js';

/** @param {Invite} invite */
const pending = (invite) => invite.state === 'pending';
/** @param {Invite[]} list @param {string} id */
const without = (list, id) => (list.some((one) => one.id === id) ? list.filter((one) => one.id !== id) : list);
/** @param {Invite[]} list @param {Invite} invite */
const withOne = (list, invite) => [invite, ...list.filter((one) => one.id !== invite.id)];
/** @param {Invite[]} list @param {Invite[]} page */
const merge = (list, page) => [...list, ...page.filter(({ id }) => !list.some((one) => one.id === id))];
/** @param {State} state @param {Partial<State['invites']>} change */
const set = (state, change) => ({ ...state, invites: { ...state.invites, ...change } });

/** @param {State} state @param {string} id */
function close(state, id) {
  const { in: incoming, out, fresh } = state.invites;
  return set(state, { in: without(incoming, id), out: without(out, id), fresh: fresh.filter((one) => one !== id) });
}

/**
 * A session has started: invites to it are settled, perhaps by another tab.
 * @param {State} state
 * @param {SessionDescription} session
 */
function settle(state, session) {
  const others = session.kind === 'direct' ? (session.members ?? []).map(({ user }) => user.id) : [];
  /** @param {Invite} invite */
  const concerns = ({ from, to, session: about }) => (
    about ? about.id === session.id : others.includes(from.id) && others.includes(to.id)
  );
  const { in: incoming, out } = state.invites;
  return [...incoming, ...out].filter(concerns).reduce((after, { id }) => close(after, id), state);
}

const settled = withSession(settle);

/** A sent invite: kept while it is pending. @param {State} state @param {Invite} invite */
function outgoing(state, invite) {
  if (!pending(invite)) return close(state, invite.id);
  return set(state, { out: withOne(state.invites.out, invite) });
}

/** @type {Handlers} */
export const invites = {
  // The list of sent invites is due until its first page arrives.
  'frame:ready': (state, { frame }) => (
    set(state, { in: frame.invites, next: frame.invites_next ?? null, outDue: true, fresh: [] })
  ),
  'answered:invites': (state, { request, answer }) => {
    // The list of sent invites includes settled ones.
    if (request.direction === 'out') return set(state, { out: answer.invites.filter(pending), outDue: false });
    return set(state, { in: merge(state.invites.in, answer.invites), next: answer.next ?? null });
  },

  'frame:invite': (state, { frame: { invite } }) => {
    if (nameKey(invite.from.username) === nameKey(state.me.username)) return outgoing(state, invite);
    return set(state, { in: withOne(state.invites.in, invite), fresh: [invite.id, ...state.invites.fresh] });
  },
  'frame:invite_answered': (state, { frame }) => close(state, frame.invite.id),
  'answered:invite': (state, { answer }) => outgoing(state, answer.invite),

  'answered:answer': (state, { request, answer }) => {
    const after = request.invite ? close(state, request.invite) : state;
    return settled(after, { answer });
  },
  'refused:answer': (state, { request, error }) => (
    request.invite && ['invite_closed', 'not_found'].includes(error.code) ? close(state, request.invite) : state
  ),
  /** Withdrawn, or found to be settled. */
  invite_gone: (state, { id }) => close(state, id),
  invites_seen: (state) => set(state, { fresh: [] }),

  'frame:session_added': (state, { frame }) => settle(state, frame.session),
  'answered:open': settled,
};
