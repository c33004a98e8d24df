// Where things stand: on the narrowest phone, on a wide screen, from right to left, with large letters, without motion.

import assert from 'node:assert/strict';
import { settle, UNHURRIED } from '../kit/community.mjs';
import { shown } from '../kit/expect.mjs';
import { overflowing } from '../kit/layout.mjs';
import { scene } from '../kit/stage.mjs';
import { VIEWS } from '../kit/views.mjs';

/** Goes through every view and collects what sticks out sideways. */
async function walk(stage, options, prepare = async () => {}) {
  const community = await settle(stage.server);
  const avi = await stage.person('avi', { account: community.people.avi, ...options });
  const visitor = await stage.visitor('visitor', options);
  const found = [];
  for (const view of VIEWS) {
    const person = view.visitor ? visitor : avi;
    await view.go(person, community);
    await prepare(person);
    for (const fault of await overflowing(person.page)) found.push(`${view.name}: ${fault}`);
  }
  return found;
}

scene('nothing sticks out at 320 pixels', UNHURRIED, async (stage) => {
  assert.deepEqual(await walk(stage, { viewport: { width: 320, height: 640 }, hasTouch: true }), []);
});

scene('nothing sticks out from right to left', UNHURRIED, async (stage) => {
  const turn = (person) => person.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  assert.deepEqual(await walk(stage, { viewport: { width: 320, height: 640 } }, turn), []);
});

scene('nothing sticks out with letters of twice the size', UNHURRIED, async (stage) => {
  const enlarge = (person) => person.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  assert.deepEqual(await walk(stage, { viewport: { width: 640, height: 900 } }, enlarge), []);
});

scene('from right to left the list stands at the right, and each text runs its own way', UNHURRIED, async (stage) => {
  const { people, sessions } = await settle(stage.server);
  const avi = await stage.person('avi', { account: people.avi });
  await avi.go(`/#/s/${sessions.layla.id}`);
  await shown(avi.message('مساء الخير'));
  const direction = (text) => avi.message(text).locator('.text').evaluate((element) => getComputedStyle(element).direction);
  assert.equal(await direction('مساء الخير'), 'rtl');
  assert.equal(await direction('Of course'), 'ltr');
  await avi.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  assert.equal(await direction('Of course'), 'ltr');
  const list = await avi.chats.boundingBox();
  const log = await avi.log.boundingBox();
  assert.ok(list.x >= log.x + log.width - 1, 'the list is right of the conversation');
});

scene('a phone shows one pane at a time, and the way back', UNHURRIED, async (stage) => {
  const { people } = await settle(stage.server);
  const avi = await stage.person('avi', { account: people.avi, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await avi.chat('Lisa Berg').click();
  await shown(avi.composer);
  assert.ok(!(await avi.chats.isVisible()));
  await avi.button('Details').click();
  await shown(avi.details);
  assert.ok(!(await avi.composer.isVisible()));
  await avi.page.goBack();
  await shown(avi.composer);
  await avi.button('Back').click();
  await shown(avi.chats);
  assert.ok(!(await avi.composer.isVisible()));
  // What is pressed with a finger is large enough for one.
  const small = await avi.page.getByRole('button').or(avi.chats.getByRole('link')).evaluateAll((all) => all
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
    .map((element) => ({ name: element.getAttribute('aria-label') ?? element.textContent, ...element.getBoundingClientRect().toJSON() }))
    .filter(({ height }) => height < 36).map(({ name, height }) => `${name}: ${height}`));
  assert.deepEqual(small, []);
});

scene('a wide screen is used, and lines stay readable', UNHURRIED, async (stage) => {
  assert.deepEqual(await walk(stage, { viewport: { width: 2560, height: 1300 } }), []);
});

scene('who wants no motion gets none', UNHURRIED, async (stage) => {
  const { people, sessions } = await settle(stage.server);
  const avi = await stage.person('avi', { account: people.avi, reducedMotion: 'reduce' });
  const moving = () => avi.page.evaluate(() => document.getAnimations().length);
  await avi.go(`/#/s/${sessions.garden.id}`);
  await shown(avi.message('Thursday is mine.'));
  assert.equal(await moving(), 0);
  await avi.button('Details').click();
  assert.equal(await moving(), 0);
  await avi.button('Account').click();
  await shown(avi.role('dialog'));
  assert.equal(await moving(), 0);
});
