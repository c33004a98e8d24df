// A link to a room for a visitor who is not logged in. The room is looked up first, so that an invalid code is reported before
// anything else, and the visitor sees what they join.

import { button } from '../../lib/button.js';
import { h } from '../../lib/dom.js';
import { form } from '../../lib/form.js';
import { component } from '../../lib/component.js';
import { settings } from '../../lib/settings.js';
import { codeIn, roomCode } from '../../lib/validation.js';
import { failed, found, looking, notFound, or } from './lookup.js';
import { CODE, NAME } from '../fields.js';
import { REFUSALS, enter, join, look } from './rooms.js';
import { loginMethods } from './login-methods.js';

/**
 * The card of the page `/room/<code>`; `outer` is the local state of the surrounding component.
 * @param {string} code
 * @param {Actions} act
 * @param {LocalState} outer
 */
export function roomLink(code, act, outer) {
  return component('div', {
    key: 'link', class: 'stack', begin: (local) => {
      local.code = codeIn(code);
      // An invalid code is not looked up.
      if (roomCode(code)) local.status = 'unknown';
      else find(local, act);
    },
  }, (local) => content(local, act, outer));
}

/** @param {LocalState} local @param {Actions} act @param {LocalState} outer */
function content(local, act, outer) {
  if (local.status === 'busy') return looking();
  if (local.status === 'found') return joining(local, act, outer);
  return [local.status === 'unknown' ? unknown(local, act) : failed(local.error, () => find(local, act)), others(outer)];
}

/** @param {LocalState} local @param {Actions} act */
async function find(local, act) {
  local.set({ status: 'busy' });
  try {
    local.set({ room: await look(act, local.code), status: 'found' });
  } catch (error) {
    local.set({ error, status: error.code === 'unknown_room' ? 'unknown' : 'failed' });
  }
}

/** @param {LocalState} local @param {Actions} act @param {LocalState} outer */
function joining({ room, code }, act, outer) {
  if (!settings.guests) {
    return [found(room), h('p', { key: 'account' }, 'You need an account to join. Log in or create one.'), h('div', { key: 'ways', class: 'stack' }, loginMethods(act, outer))];
  }
  return [
    found(room),
    form({ key: 'join', class: 'form', send: ({ name }) => enter(act, name, () => join(act, code)), refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...NAME, focus: true }),
      submit('Join room'),
    ]),
    others(outer),
  ];
}

/** @param {LocalState} local @param {Actions} act */
function unknown(local, act) {
  /** @param {Fields} values */
  const send = async ({ code }) => local.set({ room: await look(act, code), code: codeIn(code), status: 'found' });
  return [
    notFound(local.code),
    form({ key: 'code', class: 'form', send, refusals: REFUSALS }, ({ field, submit }) => [
      field({ ...CODE, begin: local.code, focus: true }),
      submit('Find room'),
    ]),
  ];
}

/** The other options. @param {LocalState} outer */
function others(outer) {
  return [
    or(),
    h('div', { key: 'others', class: 'room-buttons' },
      settings.guests && button('Create a room', () => outer.set({ card: 'create' }), { icon: 'room' }),
      button('Log in', () => outer.set({ card: 'ways', method: 'log-in' }), { icon: 'person' })),
  ];
}
