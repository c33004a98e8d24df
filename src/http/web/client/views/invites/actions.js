// Sending, answering and withdrawing invites. An error, such as an invite that was settled elsewhere, is shown as a toast.

import { isolate } from '../../lib/names.js';
import { errorText } from '../../lib/wording.js';

/** Invites a user to a direct session. @param {string} username @param {Actions} act */
export async function invite(username, act) {
  try {
    const { invite: sent } = await act.request({ type: 'invite', username });
    // If the other user had sent an invite too, both are connected now.
    const name = isolate(sent.to.display_name);
    const text = sent.state === 'pending'
      ? `Invitation sent to ${name}. You can write once they accept.`
      : `You and ${name} can now write to each other.`;
    act.toast(text);
  } catch (error) {
    act.toast(errorText(error, { already_connected: 'You already have a conversation with this person.' }), 'error');
  }
}

/**
 * Accepts or rejects; accepting opens the conversation.
 * @param {{id: string}} item
 * @param {boolean} accept
 * @param {Actions} act
 */
export async function answer({ id }, accept, act) {
  const reply = await act.change({ type: 'answer', invite: id, accept });
  if (reply?.session) act.openSession(reply.session.id);
}

/** Withdraws an invite. @param {{id: string}} item @param {Actions} act */
export async function withdraw({ id }, act) {
  try {
    await act.rest('DELETE', `/invites/${id}`);
  } catch (error) {
    act.showError(error);
    if (error.code !== 'invite_closed') return;
  }
  act.dispatch({ type: 'invite_gone', id });
}

/** Reloads the sent invites: those of another tab or device cause no event. @param {Actions} act */
export function refreshSent(act) {
  // Without a reply the list is unchanged; it is requested again after a lost connection.
  act.request({ type: 'invites', direction: 'out' }).catch(() => {});
}
