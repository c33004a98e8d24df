// Invitations that await an answer: at the top of the sidebar, and, the moment one comes, as a card above everything.
// The card does not take the focus from somebody who writes; it is announced, and waits in the sidebar once put away.

import { boundedRows } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { keepFocus } from '../../lib/focus.js';
import { icon } from '../../lib/icons.js';
import { isolate } from '../../lib/names.js';
import { part } from '../../lib/part.js';
import { avatar } from '../avatar.js';
import { answer } from './asking.js';

/** Those in the sidebar. @param {State} state @param {Actions} act */
export function invitations(state, act) {
  const { in: all, fresh } = state.invites;
  return region('invitations', 'invites', all.filter(({ id }) => !fresh.includes(id)), act);
}

/** Those that came just now, for the page to show above everything. @param {State} state @param {Actions} act */
export function popup(state, act) {
  const { in: all, fresh } = state.invites;
  const news = all.filter(({ id }) => fresh.includes(id));
  return region('popup', 'invites invites-popup', news, act, h('button', {
    key: 'later', type: 'button', class: 'button quiet small-button', onclick: () => act.dispatch({ type: 'invites_seen' }),
  }, 'Later'));
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
  return part('div', {
    key: invite.id,
    role: 'group',
    class: 'invite',
    'aria-label': `Invitation from ${name}`,
    begin: () => { if (announced) act.announce(`${what}. Accept or reject it under Invitations.`); },
  }, (memory) => {
    /** @type {(accept: boolean) => (event: UiEvent) => Promise<void>} */
    const say = (accept) => async ({ currentTarget }) => {
      if (memory.busy) return;
      memory.set({ busy: true });
      await keepFocus(currentTarget.closest('section'), () => answer(invite, accept, act));
      memory.set({ busy: false });
    };
    /** @param {string} label @param {string} picture @param {string|null} look @param {boolean} accept */
    const button = (label, picture, look, accept) => h('button', {
      type: 'button', class: ['button', 'small-button', look], 'aria-disabled': memory.busy && 'true', onclick: say(accept),
    }, icon(picture), label);
    return [
      avatar(name, { seed: username }),
      h('div', { class: 'grow' },
        h('p', null, what),
        h('p', { class: 'small muted ellipsis' }, h('bdi', null, `@${username}`)),
        h('div', { class: 'invite-answers' }, button('Accept', 'check', 'primary', true), button('Reject', 'close', null, false))),
    ];
  });
}
