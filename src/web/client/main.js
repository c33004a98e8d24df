// Puts the client together: connection and state, address, views.

import { patch } from './lib/dom.js';
import { parse } from './lib/route.js';
import { client } from './net/client.js';
import { app } from './views/app.js';

const root = document.getElementById('app');
const { act, state, subscribe, start } = client();

// The server may have put a page for browsers without script here.
root.replaceChildren();

let drawing = false;
subscribe(() => {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    patch(root, app(state(), act));
  });
});

const route = () => act.dispatch({ type: 'route', route: parse(location.hash, location.pathname) });
const looks = () => {
  act.dispatch({ type: 'visible', visible: document.visibilityState === 'visible' });
  act.dispatch({ type: 'focused', focused: document.hasFocus() });
};
addEventListener('hashchange', route);
addEventListener('focus', looks);
addEventListener('blur', looks);
document.addEventListener('visibilitychange', looks);

looks();
route();
start();
