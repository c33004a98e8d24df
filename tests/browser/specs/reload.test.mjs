// A reload: the page is asked for, its files are not.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

/** There and back, in milliseconds: a poor mobile network. */
const ROUND_TRIP = 400;

scene('a reload asks for no module and no style again', {}, async (stage) => {
  const line = await stage.line();
  const avi = await stage.person('avi', { line });
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
  const asked = [...answers].filter(([id, { fromDiskCache }]) => !kept.has(id) && !fromDiskCache).map(([, { url }]) => new URL(url).pathname);
  stage.t.diagnostic(`${answers.size} answers, ${asked.length} over the network (${asked.join(' ')}), shown after ${took} ms at a round trip of ${ROUND_TRIP} ms`);
  assert.ok(answers.size > 40, `${answers.size} answers were seen`);
  assert.deepEqual(asked.filter((path) => /\.(?:js|css)$/.test(path)), []);
});
