// Forced colours, larger text, and systems whose fonts have emoji in black and white.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

const style = (locator, ...names) => locator.first().evaluate((element, names) => {
  const all = getComputedStyle(element);
  return names.map((name) => all.getPropertyValue(name)).join(' ');
}, names);

browserTest('forced colours show the selection, switches and the edges of bubbles', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi', { forcedColors: 'active' });
  const session = await lisa.direct(avi.account);
  await lisa.group('Garden club', [avi.account]);
  await lisa.send(session, 'hello avi');
  await avi.open('lisa');
  await avi.write('hello lisa');
  await shown(avi.message('hello lisa').getByText('Sent', { exact: true }));
  assert.ok(await avi.page.evaluate(() => matchMedia('(forced-colors: active)').matches));
  // The selected row and tab have another background.
  const background = (locator) => style(locator, 'background-color');
  assert.notEqual(await background(avi.page.locator('.chat.chosen')), await background(avi.page.locator('.chat:not(.chosen)')));
  assert.notEqual(await background(avi.tab('Chats')), await background(avi.tab('People')));
  // Bubbles have edges, and own ones differ from others'.
  for (const bubble of [avi.message('hello avi').locator('.bubble'), avi.message('hello lisa').locator('.bubble')]) {
    assert.match(await style(bubble, 'border-top-width', 'border-top-style'), /^1px solid$/);
  }
  assert.equal(await style(avi.message('hello lisa').locator('.bubble'), 'border-inline-end-width'), '5px');
  // The focus has an outline, since there are no shadows.
  await avi.page.keyboard.press('Shift+Tab');
  assert.match(await style(avi.page.locator(':focus'), 'outline-style', 'outline-width'), /^solid [1-9]/);
  // A switch that is on differs from one that is off.
  await avi.button('Account').click();
  const knob = avi.role('switch').first();
  await shown(knob);
  const off = await style(knob, 'background-color', 'border-top-color');
  await knob.evaluate((element) => element.setAttribute('aria-checked', 'true'));
  assert.notEqual(await style(knob, 'background-color', 'border-top-color'), off);
  await fixture.keep(avi, 'forced colours');
});

browserTest('emoji are in colour with any text font', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi');
  const notes = await avi.account.group('Notes');
  const emoji = ['😀', '❤️', '☺️', '✌️', '☀️', '👍🏽', '👩‍🚀', '🏳️‍🌈', '⭐', '✅'];
  for (const one of emoji) await avi.account.send(notes, one);
  await avi.open('Notes');
  const installed = await avi.page.evaluate(() => document.fonts.load('20px "Parlor Emoji"', '😀').then((found) => found.length > 0 && found[0].status === 'loaded', () => false));
  if (!installed) return fixture.t.diagnostic('no emoji font here');
  // As on systems whose first text font has emoji itself.
  await avi.page.evaluate(() => document.documentElement.style.setProperty('--font', getComputedStyle(document.documentElement).getPropertyValue('--font').replace('system-ui', '"DejaVu Sans"')));
  for (const one of emoji) {
    const picture = await avi.message(one).locator('.text').screenshot();
    assert.ok(await colours(avi, picture) > 40, `${one} is in black and white`);
  }
  await fixture.keep(avi, 'emoji');
});

/** Pixels of a screenshot that are neither grey nor the violet of its background. */
function colours(person, picture) {
  return person.page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = data.slice(i, i + 3);
      if (Math.max(red, green, blue) - Math.min(red, green, blue) > 80) count += 1;
    }
    return count;
  }, [...picture]);
}

browserTest('at twice the text size a phone still shows the title of the conversation', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  await lisa.patch('/me', { display_name: 'Lisa Berg' });
  const avi = await fixture.person('avi', { viewport: { width: 390, height: 800 } });
  const session = await lisa.direct(avi.account);
  await lisa.send(session, 'hello');
  for (const [width, size] of [[390, '200%'], [320, '200%'], [390, '100%']]) {
    await avi.page.setViewportSize({ width, height: 800 });
    await avi.go(`/#/s/${session.id}`);
    await shown(avi.message('hello'));
    await avi.page.evaluate((size) => { document.documentElement.style.fontSize = size; }, size);
    const { width: wide, height } = await avi.heading('Lisa Berg').boundingBox();
    assert.ok(wide > 80 && height > 10, `${width} pixels, ${size}: the title is ${wide} wide`);
    for (const button of ['Back', 'Details']) {
      const box = await avi.button(button).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width, `${button} at ${width} pixels, ${size}`);
    }
    if (size === '200%') await fixture.keep(avi, `text size ${size} at ${width}`);
  }
});
