// Says who has come: somebody accepted what one had asked, while one was perhaps looking elsewhere.

/** What is to be said of an event, or nothing. */
export function acceptance({ me }, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'invite_answered' || frame.invite.state !== 'accepted' || frame.invite.from.id !== me.id) return null;
  const { to, session } = frame.invite;
  return session ? `${to.display_name} has come into “${session.title}”.` : `${to.display_name} has accepted your invitation.`;
}

/** A subscriber of the state. @param {(text: string) => void} say */
export function greet(say) {
  return (state, before, event) => {
    const text = acceptance(state, event);
    if (text) say(text);
  };
}
