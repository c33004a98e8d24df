// Ten thousand messages in one conversation: at most a few hundred of them are rendered, and scrolling is smooth.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';
import { longestTask } from '../kit/tasks.mjs';

const MESSAGES = 10_000;

/** Rendered messages at most. */
const NODES = 300;

/** Milliseconds of processor time for the longest task while scrolling. */
const TASK_MS = 100;

/** The first run is slower: the best of several counts. */
const RUNS = 3;

function texts(count) {
  const text = 'the apples are ripe and the table under the lime tree waits for the first guests to eat them'.split(' ');
  return Array.from({ length: count }, (_, i) => `${i + 1}: ${text.slice(0, 3 + (i * 7) % 16).join(' ')}${i % 50 ? '' : ' https://example.org/apples'}`);
}

/** Counts rendered messages from now on. */
function watch(page) {
  return page.evaluate(() => {
    window.most = 0;
    const count = () => {
      window.most = Math.max(window.most, document.querySelectorAll('article').length);
      requestAnimationFrame(count);
    };
    count();
  });
}

/** Turns the wheel until the message with this number is rendered. */
async function scrollTo(person, number, step) {
  await until(async () => {
    for (let turn = 0; turn < 5; turn += 1) await person.page.mouse.wheel(0, step);
    return (await person.message(new RegExp(`^${number}: `)).count()) > 0;
  }, `message ${number} comes`, 90_000);
}

browserTest('scrolling through ten thousand messages is smooth', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const account = await fixture.server.account('avi');
  const session = await lisa.direct(account);
  const socket = await lisa.connect();
  await socket.sendAll(session, texts(MESSAGES));
  await account.put(`/sessions/${session.id}/read`, { seq: MESSAGES });

  const avi = await fixture.person('avi', { account });
  await watch(avi.page);
  await avi.open('lisa');
  await shown(avi.message(new RegExp(`^${MESSAGES}: `)));
  await avi.log.hover();
  const runs = [];
  for (let run = 0; run < RUNS && !runs.some((longest) => longest < TASK_MS); run += 1) {
    runs.push(await longestTask(avi.page, async () => {
      await scrollTo(avi, MESSAGES - 1500 * (run + 1), -900);
      await scrollTo(avi, MESSAGES - 1500 * (run + 1) + 700, 900);
    }));
  }
  const most = await avi.page.evaluate(() => window.most);
  fixture.t.diagnostic(`longest tasks ${runs.join(', ')} ms; at most ${most} messages in the page`);
  assert.ok(most > 20 && most <= NODES, `${most} messages in the page`);
  assert.ok(Math.min(...runs) < TASK_MS, `longest tasks: ${runs} ms`);
});

browserTest('a flood of new messages renders smoothly', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await lisa.direct(avi.account);
  const socket = await lisa.connect();
  await lisa.send(session, 'ready?');
  await avi.open('lisa');
  await watch(avi.page);
  const runs = [];
  for (let run = 0; run < RUNS && !runs.some((longest) => longest < TASK_MS); run += 1) {
    runs.push(await longestTask(avi.page, async () => {
      await socket.sendAll(session, texts(1000).map((text) => `flood ${run}, ${text}`), 50);
      await shown(avi.message(`flood ${run}, 1000: `));
    }));
  }
  const most = await avi.page.evaluate(() => window.most);
  fixture.t.diagnostic(`longest tasks ${runs.join(', ')} ms; at most ${most} messages in the page`);
  assert.ok(most <= NODES, `${most} messages in the page`);
  assert.ok(Math.min(...runs) < TASK_MS, `longest tasks: ${runs} ms`);
});
