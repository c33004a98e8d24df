// The first page: bytes transferred, and time until it is shown.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** Bytes of the first load, with headers. */
const BYTES = 100 * 1024;

/** Usually a fraction of a second; a busy machine may need longer. */
const SHOWN_MS = 3_000;

async function firstLoad(fixture, person, arrived) {
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send('Network.enable');
  let bytes = 0;
  const urls = [];
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  devtools.on('Network.requestWillBeSent', ({ request }) => urls.push(request.url));
  const begun = Date.now();
  await person.go('/');
  await shown(arrived(person));
  const took = Date.now() - begun;
  await person.page.waitForLoadState('networkidle');
  fixture.t.diagnostic(`${person.name}: ${urls.length} requests, ${(bytes / 1024).toFixed(1)} KiB, shown after ${took} ms`);
  for (const url of urls) assert.ok(url.startsWith(fixture.server.url), `request to another server: ${url}`);
  assert.ok(urls.length > 3, 'requests were seen');
  assert.ok(bytes > 1024 && bytes < BYTES, `${bytes} bytes`);
  assert.ok(took < SHOWN_MS, `${took} ms`);
}

browserTest('the first page is below 100 KiB, loads from this server only, and is shown at once', {}, async (fixture) => {
  const visitor = await fixture.visitor('visitor', { path: null });
  await firstLoad(fixture, visitor, (person) => person.heading('Welcome to Parlor'));
});

browserTest('so is the page of a logged-in user', {}, async (fixture) => {
  const account = await fixture.server.account('avi');
  const avi = await fixture.visitor('avi', { account, path: null });
  await firstLoad(fixture, avi, (person) => person.chats);
});
