// Puts the client together: connection and state, address, views, and what tells of the state outside of the page.

import { drawAreas, fetchAreas, retryAreas } from './lib/area.js';
import { goBack } from './lib/back.js';
import { bounded, unshown } from './lib/boundary.js';
import { patch, rebuild } from './lib/dom.js';
import { rescueFocus } from './lib/focus.js';
import { preferred } from './lib/preferences.js';
import { report } from './lib/report.js';
import { parse } from './lib/route.js';
import { client } from './net/client.js';
import { announce } from './tell/announce.js';
import { bid } from './tell/farewell.js';
import { notify } from './tell/notify.js';
import { entitle } from './tell/title.js';
import { greet } from './tell/welcome.js';
import { app } from './views/app.js';

const root = document.getElementById('app');
const { act, state, subscribe, start } = client();

/** Said by fallback.js, which shows the plain page then. */
const isSupported = !('unsupported' in document.documentElement.dataset);

let drawing = false;
function draw() {
  drawing = false;
  const page = bounded(() => app(state(), act), unshown);
  try {
    patch(root, page);
  } catch (error) {
    // Whatever has happened to the page, it is made again.
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
drawAreas(drawSoon);
subscribe((now, before) => {
  if (now.link.status === 'up' && before.link.status !== 'up') retryAreas();
});
subscribe(entitle);
subscribe(announce(document.getElementById('announcer')));
subscribe(notify((id) => act.go({ name: 'session', id }), () => preferred('notify') !== 'off'));
// Whoever comes in or goes somewhere else goes on there, also where what they pressed is gone. A page that is new is left alone.
subscribe((now, before) => {
  const moved = now.phase !== before.phase || now.view.route !== before.view.route;
  if (moved && now.phase === 'member' && before.phase !== 'starting') rescueFocus();
});
subscribe(greet((text) => act.dispatch({ type: 'toast', text })));
subscribe(bid((toast) => act.dispatch({ type: 'toast', kind: 'news', ...toast }), act.copy));

/** The page of the plain form is about one room: its session, or a look at it where somebody else is logged in. */
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

/** A dialog has an entry in the history, so that Back closes it and leads nowhere else. */
subscribe((now, before) => {
  if (now.view.dialog && !before.view.dialog) history.pushState({ dialog: true }, '');
  // Later: who closes a dialog may go somewhere, which takes the entry over.
  else if (before.view.dialog && !now.view.dialog) setTimeout(() => !state().view.dialog && history.state?.dialog && goBack());
});
addEventListener('popstate', () => {
  if (state().view.dialog && !history.state?.dialog) act.dispatch({ type: 'dialog', dialog: null });
});
// A reload leaves the entry and not the dialog.
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
  fetchAreas();
}
