// How many people one would meet in a room.

import { count } from '../../lib/words.js';

/** @param {{member_count: number, online_count: number}} room */
export function company({ member_count: members, online_count: online }) {
  if (!members) return 'Nobody is in this room yet. You would be the first.';
  return `${count(members, 'member')}, ${online === 0 ? 'nobody online' : `${online} online`}`;
}
