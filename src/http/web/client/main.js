// Wires the client: connection and state, address, views, and subscribers that follow the state outside of the page's content.

import { bounded, unshown } from './lib/boundary.js';
import { patch, rebuild } from './lib/dom.js';
import { rescueFocus } from './lib/focus.js';
import { preferred } from './lib/storage.js';
import { report } from './lib/report.js';
import { goBack, parse } from './lib/route.js';
import { client } from './net/client.js';
import { announce } from './subscribers/live-region.js';
import { toastEndedSessions } from './subscribers/session-ended.js';
import { systemNotifications } from './subscribers/system-notifications.js';
import { updateTitle } from './subscribers/title.js';
import { toastInvites } from './subscribers/invite-toasts.js';
import { app } from './views/app.js';

const root = document.getElementById('app');
const { act, state, subscribe, start } = client();

/** Set by fallback.js, which then shows the plain page. */
const isSupported = !('unsupported' in document.documentElement.dataset);

let drawing = false;
function draw() {
  drawing = false;
  const page = bounded(() => app(state(), act), unshown);
  try {
    patch(root, page);
  } catch (error) {
    // Whatever broke the page, it is rendered from scratch.
    report(error);
    rebuild(root, page);
  }
}

function drawSoon() {
  if (drawing || !isSupported) return;
  drawing = true;
  requestAnimationFrame(draw);
}

subscribe(drawSoon);
subscribe(updateTitle);
subscribe(announce(document.getElementById('announcer')));
subscribe(systemNotifications(act.openSession, () => preferred('notify') !== 'off'));
// After a login or a change of the route the focus is restored if the focused element is removed. A new page is left alone.
subscribe((now, before) => {
  const moved = now.phase !== before.phase || now.view.route !== before.view.route;
  if (moved && now.phase === 'member' && before.phase !== 'starting') rescueFocus();
});
subscribe(toastInvites(act.toast));
subscribe(toastEndedSessions((toast) => act.dispatch({ type: 'toast', kind: 'news', ...toast }), act.copy));

/** A page of the plain form belongs to one room: to its session, or, for another user, to its join page. */
const { roomSession, roomCode } = document.body.dataset;
if (roomSession) {
  subscribe(({ view }) => {
    if (view.missing === roomSession && view.route.id === roomSession) act.go({ name: 'room', code: roomCode });
  });
}

function follow() {
  const there = parse(location.hash, location.pathname);
  const route = roomSession && location.hash.length < 2 ? { name: 'session', id: roomSession } : there;
  act.dispatch({ type: 'route', route });
}

function look() {
  act.dispatch({ type: 'visible', visible: document.visibilityState === 'visible' });
  act.dispatch({ type: 'focused', focused: document.hasFocus() });
}

/** A dialog has a history entry, so that Back closes it. */
subscribe((now, before) => {
  if (now.view.dialog && !before.view.dialog) history.pushState({ dialog: true }, '');
  // Deferred: closing a dialog may navigate, which replaces the entry.
  else if (before.view.dialog && !now.view.dialog) setTimeout(() => !state().view.dialog && history.state?.dialog && goBack());
});
addEventListener('popstate', () => {
  if (state().view.dialog && !history.state?.dialog) act.closeDialog();
});
// A reload keeps the entry but not the dialog.
if (history.state?.dialog) history.replaceState(null, '');

addEventListener('hashchange', follow);
addEventListener('focus', look);
addEventListener('blur', look);
document.addEventListener('visibilitychange', look);

look();
follow();
if (isSupported) {
  document.getElementById('plain')?.remove();
  start();
}
