// Layout on a narrow phone, on a wide screen, from right to left, with large text, without motion.

import assert from 'node:assert/strict';
import { settle, UNHURRIED } from '../kit/community.mjs';
import { becomes, shown } from '../kit/expect.mjs';
import { overflowing } from '../kit/layout.mjs';
import { browserTest } from '../kit/fixture.mjs';
import { VIEWS } from '../kit/views.mjs';

/** The variants in which every view is checked: the window, and changes to the page. */
const SHAPES = [
  { name: 'at 320 pixels', width: 320 },
  { name: 'from right to left', width: 320, prepare: () => { document.documentElement.dir = 'rtl'; } },
  { name: 'with letters of twice the size', width: 640, prepare: () => document.documentElement.style.setProperty('font-size', '200%') },
  { name: 'on a wide screen', width: 2560 },
];

browserTest('nothing overflows on any view', UNHURRIED, async (fixture) => {
  const community = await settle(fixture.server);
  const options = { viewport: { width: 320, height: 640 }, hasTouch: true };
  const avi = await fixture.person('avi', { account: community.people.avi, ...options });
  const visitor = await fixture.visitor('visitor', options);
  const found = [];
  for (const view of VIEWS) {
    const person = view.visitor ? visitor : avi;
    await person.page.setViewportSize(options.viewport);
    await view.go(person, community);
    for (const { name, width, prepare } of SHAPES) {
      await person.page.setViewportSize({ width, height: 900 });
      await person.page.evaluate(() => {
        document.documentElement.removeAttribute('dir');
        document.documentElement.style.removeProperty('font-size');
      });
      if (prepare) await person.page.evaluate(prepare);
      for (const fault of await overflowing(person.page)) found.push(`${view.name}, ${name}: ${fault}`);
    }
  }
  assert.deepEqual(found, []);
});

browserTest('in a right-to-left page the list is at the right, and each text has its own direction', UNHURRIED, async (fixture) => {
  const { people, sessions } = await settle(fixture.server);
  const avi = await fixture.person('avi', { account: people.avi });
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

browserTest('the row of the open conversation is scrolled into view once', { ...UNHURRIED, PARLOR_SESSIONS_PER_MINUTE: '0' }, async (fixture) => {
  const account = await fixture.server.account('avi');
  const first = await account.group('The first group', []);
  for (let i = 0; i < 30; i += 1) await account.group(`Group ${i}`, []);
  const avi = await fixture.person('avi', { account });
  await avi.go(`/#/s/${first.id}`);
  await shown(avi.composer);
  const seen = () => avi.row('The first group').evaluate((row) => {
    const [its, pane] = [row.getBoundingClientRect(), row.closest('.pane-body').getBoundingClientRect()];
    return its.top >= pane.top - 1 && its.bottom <= pane.bottom + 1;
  });
  await becomes(seen, true);
  const pane = avi.page.locator('.sidebar .pane-body');
  await pane.evaluate((element) => { element.scrollTop = 0; });
  await account.send(first, 'hello');
  await becomes(() => avi.row('The first group').locator('.chat-last').innerText(), 'You: hello');
  assert.equal(await pane.evaluate((element) => element.scrollTop), 0);
});

browserTest('a phone shows one pane at a time, and the way back', UNHURRIED, async (fixture) => {
  const { people } = await settle(fixture.server);
  const avi = await fixture.person('avi', { account: people.avi, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
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
  // Touch targets are large enough.
  const small = await avi.page.getByRole('button').or(avi.chats.getByRole('listitem')).evaluateAll((all) => all
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
    .map((element) => ({ name: element.getAttribute('aria-label') ?? element.textContent, ...element.getBoundingClientRect().toJSON() }))
    .filter(({ height }) => height < 36).map(({ name, height }) => `${name}: ${height}`));
  assert.deepEqual(small, []);
});

browserTest('with reduced motion nothing moves', UNHURRIED, async (fixture) => {
  const { people, sessions } = await settle(fixture.server);
  const avi = await fixture.person('avi', { account: people.avi, reducedMotion: 'reduce' });
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
