// The composer and the messages above it: a reader at the end remains there, whatever the composer does.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** Pixels between the visible part and the end of the messages, after a render. */
const awayFromEnd = (person) => person.page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => {
    const log = document.querySelector('.log');
    resolve(Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
  })));
}));

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 700 }]) {
  browserTest(`writing many lines keeps the end of the conversation visible, at ${viewport.width} pixels`, UNHURRIED, async (fixture) => {
    const lisa = await fixture.server.account('lisa');
    const avi = await fixture.person('avi', { viewport });
    const session = await lisa.direct(avi.account);
    for (let i = 1; i <= 40; i += 1) await lisa.send(session, `message ${i}`);
    await avi.go(`/#/s/${session.id}`);
    await shown(avi.message('message 40'));
    await avi.log.hover();
    await until(async () => {
      await avi.page.mouse.wheel(0, 5000);
      return (await awayFromEnd(avi)) <= 1;
    }, 'at the end');
    for (let line = 1; line <= 14; line += 1) {
      await avi.composer.pressSequentially(`line ${line}`);
      await avi.composer.press('Shift+Enter');
      await becomes(async () => (await awayFromEnd(avi)) <= 1, true);
    }
    // It continues to follow.
    await lisa.send(session, 'meanwhile');
    await shown(avi.message('meanwhile'));
    await becomes(async () => (await awayFromEnd(avi)) <= 1, true);
    // The composer shrinks, the window grows and shrinks.
    await avi.composer.fill('');
    await becomes(async () => (await awayFromEnd(avi)) <= 1, true);
    await avi.page.setViewportSize({ ...viewport, height: viewport.height - 250 });
    await becomes(async () => (await awayFromEnd(avi)) <= 1, true);
    await avi.page.setViewportSize(viewport);
    await becomes(async () => (await awayFromEnd(avi)) <= 1, true);
    assert.equal(await avi.button(/Newest messages/).count(), 0);
  });
}

browserTest('a reader further up is not moved while writing', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await lisa.direct(avi.account);
  for (let i = 1; i <= 60; i += 1) await lisa.send(session, `message ${i}`);
  await avi.go(`/#/s/${session.id}`);
  await shown(avi.log.getByRole('article'));
  await avi.log.hover();
  await avi.page.mouse.wheel(0, -300);
  await shown(avi.button(/Newest messages/));
  const top = () => avi.page.evaluate(() => {
    const log = document.querySelector('.log').getBoundingClientRect();
    const first = [...document.querySelectorAll('.log article')].find((one) => one.getBoundingClientRect().top >= log.top);
    return `${first.dataset.seq} ${Math.round(first.getBoundingClientRect().top)}`;
  });
  await awayFromEnd(avi);
  const before = await top();
  for (let line = 0; line < 6; line += 1) await avi.composer.press('Shift+Enter');
  await awayFromEnd(avi);
  assert.equal(await top(), before);
});

browserTest('Ctrl or ⌘ and Enter sends, also on a touch screen', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi', { hasTouch: true, isMobile: true, viewport: { width: 1000, height: 700 } });
  const notes = await avi.account.group('Notes');
  await avi.go(`/#/s/${notes.id}`);
  assert.ok(await avi.page.evaluate(() => matchMedia('(pointer: coarse)').matches));
  await avi.composer.fill('first');
  await avi.composer.press('Enter');
  assert.equal(await avi.composer.inputValue(), 'first\n');
  await avi.composer.press('Control+Enter');
  await shown(avi.message('first').getByText('Sent', { exact: true }));
  await avi.composer.fill('second');
  await avi.composer.press('Meta+Enter');
  await shown(avi.message('second').getByText('Sent', { exact: true }));
  assert.deepEqual(await avi.account.texts(notes), ['first', 'second']);
});
