// Avatars: people are round, sessions of several people are square. They are decorative: the name is next to them, so they are
// hidden from screen readers, and the style sheet adds the initials, so that they are not part of the text.

import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { hue, initials } from '../lib/names.js';
import { otherOf, titleOf } from '../state/select.js';

/**
 * Initials on the name's colour.
 * @param {string} name what is shown
 * @param {{size?: 'small'|'large', seed?: string, online?: boolean, kind?: 'direct'|'group'|'room'|'lobby', deleted?: boolean}}
 *   [options] `seed`: what the colour follows, where the name shown can change (a username, an id); `kind`: of a session;
 *   `deleted`: someone who is no longer here
 */
export function avatar(name, { size, seed = name, online, kind = 'direct', deleted } = {}) {
  return h('span', {
    class: ['avatar', size && `${size}-avatar`, kind !== 'direct' && 'square', deleted ? 'gone' : `hue-${hue(seed)}`],
    data: { initials: deleted ? null : initials(name) },
    'aria-hidden': true,
  }, deleted && icon('person'), online && h('span', { class: 'dot' }));
}

/**
 * The avatar of a session: in a direct one, colour and presence of the other user; otherwise a colour that does not depend on the
 * title.
 * @param {Session} session
 * @param {State} state
 * @param {{size?: 'small'|'large'}} [options]
 */
export function sessionAvatar(session, state, { size } = {}) {
  const other = otherOf(session, state);
  return avatar(titleOf(session, state), {
    size, kind: session.kind, seed: other ? other.user.username : session.id, online: other?.status === 'online', deleted: other?.user.deleted,
  });
}
