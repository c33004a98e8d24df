// The round picture beside a name. It only decorates: the name stands next to it, so screen readers pass it by.

import { h } from '../lib/dom.js';
import { icon } from '../lib/icons.js';
import { hue, initials } from '../lib/names.js';

const PICTURES = { group: 'people', room: 'door', lobby: 'chat' };

/**
 * Initials on the name's colour.
 * @param {string} name what is shown
 * @param {{size?: 'small'|'large', seed?: string, online?: boolean, kind?: 'group'|'room'|'lobby', deleted?: boolean}} options
 *   `seed`: what the colour follows, where the name shown can change (a username); `kind`: the picture of a session of
 *   that kind instead of initials; `deleted`: someone who is no longer here
 */
export function avatar(name, { size, seed = name, online, kind, deleted } = {}) {
  const picture = deleted ? 'person' : PICTURES[kind];
  return h('span', {
    class: ['avatar', size && `${size}-avatar`, deleted ? 'gone' : `hue-${hue(seed)}`],
    'aria-hidden': 'true',
  }, picture ? icon(picture) : initials(name), online && h('span', { class: 'dot' }));
}
