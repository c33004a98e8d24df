// The first page: how much is transferred for it, and how soon it is there.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

/** What the first load may weigh, headers included. */
const BYTES = 100 * 1024;

/** It takes a fraction of a second; a machine that runs other tests too may need longer. */
const SHOWN_MS = 3_000;

async function firstLoad(stage, person, arrived) {
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send('Network.enable');
  let bytes = 0;
  const asked = [];
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  devtools.on('Network.requestWillBeSent', ({ request }) => asked.push(request.url));
  const begun = Date.now();
  await person.go('/');
  await shown(arrived(person));
  const took = Date.now() - begun;
  await person.page.waitForLoadState('networkidle');
  stage.t.diagnostic(`${person.name}: ${asked.length} requests, ${(bytes / 1024).toFixed(1)} KiB, shown after ${took} ms`);
  for (const url of asked) assert.ok(url.startsWith(stage.server.url), `asked somebody else: ${url}`);
  assert.ok(asked.length > 10, 'requests were seen');
  assert.ok(bytes > 1024 && bytes < BYTES, `${bytes} bytes`);
  assert.ok(took < SHOWN_MS, `${took} ms`);
}

scene('the first page is below 100 KiB, from this server alone, and shown at once', {}, async (stage) => {
  const visitor = await stage.visitor('visitor', { path: null });
  await firstLoad(stage, visitor, (person) => person.heading('Welcome to Parlor'));
});

scene('so is the page of somebody who is in', {}, async (stage) => {
  const account = await stage.server.account('avi');
  const avi = await stage.visitor('avi', { account, path: null });
  await firstLoad(stage, avi, (person) => person.chats);
});
