// Pending invites: at the top of the sidebar and, when one arrives, as a card above the page. The card is announced and does not
// take the focus; once dismissed it remains in the sidebar.

import { boundedRows } from '../../lib/boundary.js';
import { button } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { keepFocus } from '../../lib/focus.js';
import { isolate } from '../../lib/names.js';
import { component } from '../../lib/component.js';
import { avatar } from '../avatar.js';
import { answer } from './actions.js';

/** The invites in the sidebar. @param {State} state @param {Actions} act */
export function invitations(state, act) {
  const { in: all, fresh } = state.invites;
  return region('invitations', 'invites', all.filter(({ id }) => !fresh.includes(id)), act);
}

/** New invites, shown above the page. @param {State} state @param {Actions} act */
export function popup(state, act) {
  const { in: all, fresh } = state.invites;
  const news = all.filter(({ id }) => fresh.includes(id));
  return region('popup', 'invites invites-popup', news, act, button('Later', () => act.dispatch({ type: 'invites_seen' }), { key: 'later', look: 'quiet small-button' }));
}

/** @param {string} key @param {string} shape @param {Invite[]} invites @param {Actions} act @param {VNode} [more] */
function region(key, shape, invites, act, more) {
  return invites.length > 0 && h('section', { key, class: shape, 'aria-label': 'Invitations' },
    boundedRows(invites, (invite) => card(invite, act, Boolean(more)), { tag: 'p', text: 'This invitation cannot be shown.' }), more);
}

/** @param {Invite} invite @param {Actions} act @param {any} announced */
function card(invite, act, announced) {
  const { display_name: name, username } = invite.from;
  const from = isolate(name);
  const what = invite.session ? `${from} invited you to “${isolate(invite.session.title)}”` : `${from} wants to chat with you`;
  return component('div', {
    key: invite.id,
    role: 'group',
    class: 'invite',
    'aria-label': `Invitation from ${name}`,
    begin: () => { if (announced) act.announce(`${what}. Accept or reject it under Invitations.`); },
  }, (local) => {
    /** @type {(accept: boolean) => (event: UiEvent) => Promise<void>} */
    const respond = (accept) => async ({ currentTarget }) => {
      if (local.busy) return;
      local.set({ busy: true });
      await keepFocus(currentTarget.closest('section'), () => answer(invite, accept, act));
      local.set({ busy: false });
    };
    /** @param {string} label @param {string} picture @param {string} look @param {boolean} accept */
    const choice = (label, picture, look, accept) => button(label, respond(accept), { icon: picture, look, 'aria-disabled': local.busy });
    return [
      avatar(name, { seed: username }),
      h('div', { class: 'grow' },
        h('p', null, what),
        h('p', { class: 'small muted ellipsis' }, bdi(`@${username}`)),
        h('div', { class: 'invite-answers' }, choice('Accept', 'check', 'small-button primary', true), choice('Reject', 'close', 'small-button', false))),
    ];
  });
}
