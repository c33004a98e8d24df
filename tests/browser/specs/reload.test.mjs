// A reload requests the page, but not its files.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** Round trip in milliseconds: a poor mobile network. */
const ROUND_TRIP = 400;

browserTest('a reload requests no script and no style again', {}, async (fixture) => {
  const line = await fixture.line();
  const avi = await fixture.person('avi', { line });
  const devtools = await avi.context.newCDPSession(avi.page);
  await devtools.send('Network.enable');
  const answers = new Map();
  devtools.on('Network.responseReceived', ({ requestId, response }) => answers.set(requestId, response));
  const kept = new Set();
  devtools.on('Network.requestServedFromCache', ({ requestId }) => kept.add(requestId));
  line.slow({ delay: ROUND_TRIP / 2 });
  const begun = Date.now();
  await avi.page.reload();
  await shown(avi.chats);
  const took = Date.now() - begun;
  const loaded = [...answers].filter(([id, { fromDiskCache }]) => !kept.has(id) && !fromDiskCache).map(([, { url }]) => new URL(url).pathname);
  fixture.t.diagnostic(`${answers.size} answers, ${loaded.length} over the network (${loaded.join(' ')}), shown after ${took} ms at a round trip of ${ROUND_TRIP} ms`);
  assert.ok(answers.size > 4, `${answers.size} answers were seen`);
  assert.deepEqual(loaded.filter((path) => /\.(?:js|css)$/.test(path)), []);
});
