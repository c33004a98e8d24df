// The plain forms, for browsers without JavaScript: a name, a code, two buttons, and the room as a page.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { HOSTILE } from '../kit/hostile.mjs';
import { overflowing } from '../kit/layout.mjs';
import { browserTest } from '../kit/fixture.mjs';

const PLAIN = { javaScriptEnabled: false };

function name(person) {
  return person.page.locator('input[name="name"]');
}

function code(person) {
  return person.page.locator('input[name="code"]');
}

async function press(person, button) {
  await person.page.locator(`button[name="${button}"], input[type="submit"][name="${button}"]`).click();
}

/** Sends the form as a page without script does, and waits for the response page. */
async function send(person, fields) {
  await Promise.all([
    person.page.waitForEvent('load'),
    person.page.evaluate((given) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '/';
      for (const [field, value] of Object.entries(given)) {
        const input = document.createElement('textarea');
        input.name = field;
        input.value = value;
        form.append(input);
      }
      document.body.append(form);
      form.submit();
    }, fields),
  ]);
}

browserTest('a room is created, and joined with its code', {}, async (fixture) => {
  const avi = await fixture.visitor('avi', PLAIN);
  await name(avi).fill('avi');
  await press(avi, 'create');
  await avi.page.waitForURL('**/room');
  const text = await avi.page.locator('body').innerText();
  const [roomCode] = text.replace(/(?<=\b[2-9A-HJ-NP-Z]{4,5})[ -](?=[2-9A-HJ-NP-Z]{4,5}\b)/g, '').match(/[2-9A-HJ-NP-Z]{10}/);
  await avi.page.reload();
  assert.match(avi.page.url(), /\/room$/);

  const lisa = await fixture.visitor('lisa', PLAIN);
  await name(lisa).fill('lisa');
  await code(lisa).fill(roomCode.toLowerCase());
  await press(lisa, 'join');
  await lisa.page.waitForURL('**/room');
  await shown(lisa.page.getByText(/JavaScript/));

  // The messages are in the page.
  const mira = await fixture.server.account('mira');
  await mira.send(await mira.join(roomCode), 'hello from mira');
  await lisa.page.reload();
  // Searched in the body as a whole: texts inside `noscript` are not found individually.
  assert.match(await lisa.page.locator('body').innerText(), /hello from mira/);
});

browserTest('missing and wrong fields are reported, and input is kept', {}, async (fixture) => {
  const avi = await fixture.visitor('avi', PLAIN);
  await code(avi).fill('2222222222');
  await press(avi, 'join');
  assert.equal(await code(avi).inputValue(), '2222222222');
  await shown(avi.page.getByText(/name/i).filter({ hasText: /\w+ \w+ \w+/ }));
  await name(avi).fill('avi');
  await press(avi, 'join');
  assert.equal(await name(avi).inputValue(), 'avi');
  await shown(avi.page.getByText(/room/i).filter({ hasText: /not|no /i }));
  await code(avi).fill('');
  await press(avi, 'join');
  await shown(avi.page.getByText(/code/i).filter({ hasText: /\w+ \w+ \w+/ }));
});

browserTest('the link to a room fills in its code', {}, async (fixture) => {
  const avi = await fixture.server.account('avi');
  const room = await avi.room('Balcony');
  const lisa = await fixture.visitor('lisa', { ...PLAIN, path: `/room/${room.code}` });
  assert.equal(await code(lisa).inputValue(), room.code);
  await name(lisa).fill('Зоя');
  await press(lisa, 'join');
  await lisa.page.waitForURL('**/room');
  assert.ok((await lisa.page.locator('body').innerText()).includes('Balcony'));
});

browserTest('the room page requires a login', {}, async (fixture) => {
  const avi = await fixture.visitor('avi', { ...PLAIN, path: '/room' });
  assert.equal(new URL(avi.page.url()).pathname, '/');
  await shown(name(avi));
});

browserTest('with JavaScript the room page becomes the client', { PARLOR_PRESENCE_GRACE_SECONDS: '2' }, async (fixture) => {
  const avi = await fixture.server.account('avi');
  const room = await avi.room('Balcony');
  const socket = await avi.connect();
  await avi.send(room, 'welcome');
  const lisa = await fixture.visitor('lisa', { path: null });
  lisa.expects(/status of 401/);
  await lisa.go('/');
  await send(lisa, { name: 'Lisa B', code: room.code, join: 'join' });
  await lisa.page.waitForURL(/\/room|#/);
  await shown(lisa.composer);
  await shown(lisa.message('welcome'));
  const received = socket.received('message', (frame) => frame.message?.text === 'hello all' || frame.text === 'hello all');
  await lisa.write('hello all');
  await received;
  await lisa.page.reload();
  await shown(lisa.message('hello all'));
});

browserTest('hostile names and codes are shown as text', { PARLOR_ROOM_MISSES: '0', PARLOR_TOTAL_ROOM_MISSES: '0', PARLOR_ACCOUNTS_PER_MINUTE: '0' }, async (fixture) => {
  const avi = await fixture.visitor('avi', { viewport: { width: 320, height: 700 }, path: null });
  avi.expects(/status of 401/);
  await avi.go('/');
  for (const text of HOSTILE.filter((_, i) => i % 3 === 0)) {
    await send(avi, { name: text, code: text, join: 'join' });
    await shown(name(avi));
    assert.equal(await avi.page.evaluate(() => window.broken), undefined, text);
    assert.deepEqual(await overflowing(avi.page), [], text);
  }
});
