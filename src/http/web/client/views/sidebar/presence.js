// Presence as text, in green while online.

import { bdi, h } from '../../lib/dom.js';
import { lastSeen } from '../../lib/time.js';

/** The username, which is unique and never cut off, and presence. @param {User} user @param {State} state */
export function standing(user, state) {
  const here = presence(user, state);
  return [h('span', { class: 'muted' }, bdi(`@${user.username}`)), here && [h('span', { class: 'muted' }, ' · '), here]];
}

/** The known presence of a user: pushed, or as it was when the user was loaded. @param {User} user @param {State} state */
function presenceOf(user, state) {
  const known = state.people[user.username.toLowerCase()];
  return known?.status ? known : { status: user.status, last_seen: user.last_seen };
}

/** @param {User} user @param {State} state */
export const isOnline = (user, state) => presenceOf(user, state).status === 'online';

/** "online" or "offline, last seen …"; null if the presence is not visible. @param {User} user @param {State} state */
export function presence(user, state) {
  const { status, last_seen: seen } = presenceOf(user, state);
  if (!status) return null;
  if (status === 'online') return h('span', { class: 'online' }, 'online');
  return h('span', { class: 'muted' }, seen ? `offline, ${lastSeen(seen, state.now)}` : 'offline');
}
