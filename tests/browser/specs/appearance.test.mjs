// What people see who have chosen other colours, larger text, or a system whose fonts have emoji in black and white.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

const style = (locator, ...names) => locator.first().evaluate((element, names) => {
  const all = getComputedStyle(element);
  return names.map((name) => all.getPropertyValue(name)).join(' ');
}, names);

scene('in forced colours it is seen what is chosen, what is on, and where a bubble ends', UNHURRIED, async (stage) => {
  const lisa = await stage.server.account('lisa');
  const avi = await stage.person('avi', { forcedColors: 'active' });
  const session = await lisa.direct(avi.account);
  await lisa.group('Garden club', [avi.account]);
  await lisa.say(session, 'hello avi');
  await avi.open('lisa');
  await avi.write('hello lisa');
  await shown(avi.message('hello lisa').getByText('Sent', { exact: true }));
  assert.ok(await avi.page.evaluate(() => matchMedia('(forced-colors: active)').matches));
  // The chosen row and tab differ from the others by their background.
  const background = (locator) => style(locator, 'background-color');
  assert.notEqual(await background(avi.page.locator('.chat.chosen')), await background(avi.page.locator('.chat:not(.chosen)')));
  assert.notEqual(await background(avi.tab('Chats')), await background(avi.tab('People')));
  // Bubbles end somewhere, and own ones differ from others'.
  for (const bubble of [avi.message('hello avi').locator('.bubble'), avi.message('hello lisa').locator('.bubble')]) {
    assert.match(await style(bubble, 'border-top-width', 'border-top-style'), /^1px solid$/);
  }
  assert.equal(await style(avi.message('hello lisa').locator('.bubble'), 'border-inline-end-width'), '5px');
  // The focus has an outline, since shadows are gone.
  await avi.page.keyboard.press('Shift+Tab');
  assert.match(await style(avi.page.locator(':focus'), 'outline-style', 'outline-width'), /^solid [1-9]/);
  // A switch that is on looks unlike one that is off.
  await avi.button('Account').click();
  const knob = avi.role('switch').first();
  await shown(knob);
  const off = await style(knob, 'background-color', 'border-top-color');
  await knob.evaluate((element) => element.setAttribute('aria-checked', 'true'));
  assert.notEqual(await style(knob, 'background-color', 'border-top-color'), off);
  await stage.keep(avi, 'forced colours');
});

scene('emoji are in colour, whatever the text fonts have', UNHURRIED, async (stage) => {
  const avi = await stage.person('avi');
  const notes = await avi.account.group('Notes');
  const emoji = ['😀', '❤️', '☺️', '✌️', '☀️', '👍🏽', '👩‍🚀', '🏳️‍🌈', '⭐', '✅'];
  for (const one of emoji) await avi.account.say(notes, one);
  await avi.open('Notes');
  const installed = await avi.page.evaluate(() => document.fonts.load('20px "Parlor Emoji"', '😀').then((found) => found.length > 0 && found[0].status === 'loaded', () => false));
  if (!installed) return stage.t.diagnostic('no emoji font here');
  // As on systems whose first text font draws emoji itself.
  await avi.page.evaluate(() => document.documentElement.style.setProperty('--font', getComputedStyle(document.documentElement).getPropertyValue('--font').replace('system-ui', '"DejaVu Sans"')));
  for (const one of emoji) {
    const picture = await avi.message(one).locator('.text').screenshot();
    assert.ok(await colours(avi, picture) > 40, `${one} is in black and white`);
  }
  await stage.keep(avi, 'emoji');
});

/** How many pixels of a picture are neither grey nor of its background's violet. */
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

scene('at twice the text size a phone still shows whose conversation it is', UNHURRIED, async (stage) => {
  const lisa = await stage.server.account('lisa');
  await lisa.patch('/me', { display_name: 'Lisa Berg' });
  const avi = await stage.person('avi', { viewport: { width: 390, height: 800 } });
  const session = await lisa.direct(avi.account);
  await lisa.say(session, 'hello');
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
    if (size === '200%') await stage.keep(avi, `text size ${size} at ${width}`);
  }
});
