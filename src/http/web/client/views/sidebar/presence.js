// Whether somebody is here: in words, and in green where they are.

import { h } from '../../lib/dom.js';
import { lastSeen } from '../../lib/time.js';

/** The username, which nobody else can have and which is never cut off, and presence. @param {User} user @param {State} state */
export function standing(user, state) {
  const here = presence(user, state);
  return [h('span', { class: 'muted' }, h('bdi', null, `@${user.username}`)), here && [h('span', { class: 'muted' }, ' · '), here]];
}

/**
 * What is known of a user's presence: pushed if it is, else as it was when the user was heard of.
 * @param {User} user
 * @param {State} state
 */
export function presenceOf(user, state) {
  const known = state.people[user.username.toLowerCase()];
  return known?.status ? known : { status: user.status, last_seen: user.last_seen };
}

/** "online" / "offline, last seen …"; nothing for those whose presence may not be seen. @param {User} user @param {State} state */
export function presence(user, state) {
  const { status, last_seen: seen } = presenceOf(user, state);
  if (!status) return null;
  if (status === 'online') return h('span', { class: 'online' }, 'online');
  return h('span', { class: 'muted' }, seen ? `offline, ${lastSeen(seen, state.now)}` : 'offline');
}
