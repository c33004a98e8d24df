// Says that an invitation was accepted, while its sender was perhaps looking elsewhere.

/** What is to be said of an event, or nothing. */
export function acceptance(state, before, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'invite_answered') return null;
  const { invite } = frame;
  if (invite.state !== 'accepted' || invite.from.id !== state.me.id) return null;
  const text = `${invite.to.display_name} accepted your invitation`;
  return isGroup(invite, state, before) ? `${text} to “${invite.session.title}”.` : `${text}.`;
}

/** An accepted invitation names its session whatever its kind, and a direct one is called like the other person. */
function isGroup({ id, session }, state, before) {
  const kind = session && state.sessions[session.id]?.kind;
  return kind ? kind !== 'direct' : Boolean(session && before.invites.out.find((one) => one.id === id)?.session);
}

/** A subscriber of the state. @param {(text: string) => void} say */
export function greet(say) {
  return (state, before, event) => {
    const text = acceptance(state, before, event);
    if (text) say(text);
  };
}
