// Inviting somebody, answering an invitation, taking one's own back. One that was settled elsewhere meanwhile goes away
// with a word.

import { isolate } from '../../lib/names.js';
import { inWords } from '../../lib/words.js';

/**
 * Asks somebody for a direct session.
 * @param {string} username
 * @param {Actions} act
 */
export async function invite(username, act) {
  try {
    const { invite: asked } = await act.ask({ type: 'invite', username });
    // Where the other had asked for the same, both are connected now.
    const name = isolate(asked.to.display_name);
    const text = asked.state === 'pending'
      ? `Invitation sent to ${name}. You can write once they accept.`
      : `You and ${name} can now write to each other.`;
    toast(act, text);
  } catch (error) {
    toast(act, inWords(error, { already_connected: 'You already have a conversation with this person.' }), 'error');
  }
}

/** Says yes or no; yes leads into the conversation. @param {{id: string}} item @param {boolean} accept @param {Actions} act */
export async function answer({ id }, accept, act) {
  try {
    const { session } = await act.ask({ type: 'answer', invite: id, accept });
    if (session) act.go({ name: 'session', id: session.id });
  } catch (error) {
    toast(act, inWords(error), 'error');
  }
}

/** Takes back what one asked. @param {{id: string}} item @param {Actions} act */
export async function withdraw({ id }, act) {
  try {
    await act.rest('DELETE', `/invites/${id}`);
  } catch (error) {
    toast(act, inWords(error), 'error');
    if (error.code !== 'invite_closed') return;
  }
  act.dispatch({ type: 'invite_gone', id });
}

/** Learns what one has asked meanwhile in another tab or on another device, which nobody tells. @param {Actions} act */
export function refreshSent(act) {
  // Without an answer the list stays as it was; after a lost connection it is asked for anyway.
  act.ask({ type: 'invites', direction: 'out' }).catch(() => {});
}

/** @param {Actions} act @param {string} text @param {any} [kind] */
function toast(act, text, kind = 'info') {
  act.dispatch({ type: 'toast', kind, text });
}
