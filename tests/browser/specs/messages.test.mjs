// Messages between two users: sending, sent, read, refused; edited, deleted, replied to; unread counts.

import assert from 'node:assert/strict';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** Avi and Lisa, both with their direct session open. */
async function pair(fixture) {
  const line = await fixture.line();
  const avi = await fixture.person('avi', { line });
  const lisa = await fixture.person('lisa');
  const session = await avi.account.direct(lisa.account);
  await avi.open('lisa');
  return { avi, lisa, line, session };
}

function status(person, text) {
  return person.message(text).locator('.status');
}

browserTest('a message is shown at once as sending, then sent, then read', {}, async (fixture) => {
  const { avi, lisa, line } = await pair(fixture);
  line.hold();
  await avi.write('did this arrive?');
  await shown(status(avi, 'did this arrive?').getByText('Sending…'));
  assert.equal(await avi.composer.inputValue(), '');
  line.release();
  await shown(status(avi, 'did this arrive?').getByText('Sent', { exact: true }));
  await shown(lisa.chat('avi', 1));
  await lisa.open('avi');
  await shown(lisa.message('did this arrive?'));
  await shown(status(avi, 'did this arrive?').getByText('Read', { exact: true }));
});

browserTest('a message that could not be sent is marked, and sent once on retry', {}, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  await lisa.account.put('/blocks/avi');
  await avi.write('you there?');
  await shown(status(avi, 'you there?').getByText('Not sent'));
  const [red, green, blue] = (await status(avi, 'you there?').evaluate((element) => getComputedStyle(element).color)).match(/\d+/g).map(Number);
  assert.ok(red > green + 60 && red > blue + 60, `red: ${[red, green, blue]}`);
  await avi.message('you there?').getByRole('button', { name: 'Try again' }).click();
  await shown(status(avi, 'you there?').getByText('Not sent'));
  await lisa.account.delete('/blocks/avi');
  await avi.message('you there?').getByRole('button', { name: 'Try again' }).click();
  await shown(status(avi, 'you there?').getByText('Sent', { exact: true }));
  assert.deepEqual(await lisa.account.texts(session), ['you there?']);
  assert.equal(await avi.message('you there?').count(), 1);
});

browserTest('every attempt has the same idempotency key', {}, async (fixture) => {
  const account = await fixture.server.account('avi');
  const lisa = await fixture.server.account('lisa');
  await account.direct(lisa);
  await lisa.put('/blocks/avi');
  const avi = await fixture.visitor('avi', { account, path: null });
  const sends = [];
  avi.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
    const frame = JSON.parse(payload);
    if (frame.type === 'send') sends.push(frame);
  }));
  await avi.go('/');
  await avi.open('lisa');
  await avi.write('once');
  const again = avi.message('once').getByRole('button', { name: 'Try again' });
  await again.click();
  await until(() => sends.length === 2, 'two attempts');
  assert.equal(sends[0].key, sends[1].key);
  assert.ok(sends[0].key.length >= 16);

  await shown(again);
  await avi.message('once').getByRole('button', { name: 'Discard' }).click();
  await gone(avi.message('once'));
  await avi.page.reload();
  await avi.isIn();
  await gone(avi.message('once'));
});

browserTest('an edited message is marked as edited', {}, async (fixture) => {
  const { avi, lisa } = await pair(fixture);
  await avi.write('see you at fife');
  await lisa.open('avi');
  await shown(lisa.message('see you at fife'));
  await avi.act('see you at fife', 'Edit');
  await becomes(() => avi.composer.inputValue(), 'see you at fife');
  await avi.composer.fill('see you at five');
  await avi.composer.press('Enter');
  for (const person of [avi, lisa]) {
    await shown(person.message('see you at five'));
    await shown(person.message('see you at five').getByText(/edited/i));
    await gone(person.message('see you at fife'));
  }
  // The last one is edited from the empty composer, and left unchanged by Esc.
  await avi.composer.press('ArrowUp');
  await until(async () => (await avi.composer.inputValue()) === 'see you at five', 'the message is in the field');
  await avi.composer.press('Escape');
  await becomes(() => avi.composer.inputValue(), '');
});

browserTest('a message is deleted everywhere after a confirmation', {}, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  await avi.write('never mind');
  await lisa.open('avi');
  await shown(lisa.message('never mind'));
  await avi.act('never mind', 'Delete');
  await avi.role('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  await shown(avi.message('never mind'));
  await avi.act('never mind', 'Delete');
  await avi.role('alertdialog').getByRole('button', { name: /Delete/ }).click();
  for (const person of [avi, lisa]) {
    await shown(person.log.getByText('Message deleted'));
    await gone(person.message('never mind'));
  }
  assert.deepEqual(await lisa.account.texts(session), []);
});

browserTest('a reply quotes its original and leads there', {}, async (fixture) => {
  const { avi, lisa } = await pair(fixture);
  await avi.write('tea or coffee?');
  await lisa.open('avi');
  await lisa.act('tea or coffee?', 'Reply');
  await shown(lisa.role('main', 'avi').getByText(/Reply|Answer/).first());
  await lisa.write('tea, please');
  for (const person of [avi, lisa]) {
    await shown(person.message('tea, please').locator('.quote').getByText('tea or coffee?'));
  }
  await avi.message('tea, please').locator('.quote').click();
  await becomes(() => avi.page.evaluate(() => document.activeElement?.closest('article')?.textContent.includes('tea or coffee?') ?? false), true);
});

browserTest('reactions are added and removed', {}, async (fixture) => {
  const { avi, lisa } = await pair(fixture);
  await avi.write('we won');
  await lisa.open('avi');
  await lisa.act('we won', 'React');
  await lisa.role('dialog', 'React').getByRole('button', { name: /^👍/ }).click();
  const atAvi = avi.message('we won').getByRole('button', { name: /^👍/ });
  await shown(atAvi.filter({ hasText: '1' }));
  assert.match(await atAvi.getAttribute('aria-label') ?? await atAvi.innerText(), /lisa/);
  await atAvi.click();
  await shown(lisa.message('we won').getByRole('button', { name: /^👍/ }).filter({ hasText: '2' }));
  await becomes(() => atAvi.getAttribute('aria-pressed'), 'true');
  await atAvi.click();
  await lisa.message('we won').getByRole('button', { name: /^👍/ }).filter({ hasText: '1' }).click();
  await gone(atAvi);
});

browserTest('a mention is chosen from the members and highlighted for its user', {}, async (fixture) => {
  const lisa = await fixture.person('lisa');
  const avi = await fixture.person('avi');
  const mira = await fixture.server.account('mira');
  await avi.account.group('Garden club', [lisa.account, mira]);
  await avi.open('Garden club');
  await avi.composer.pressSequentially('thanks @li');
  await shown(avi.role('option', /lisa/));
  await avi.composer.press('Enter');
  await becomes(() => avi.composer.inputValue(), 'thanks @lisa ');
  await avi.composer.press('Enter');
  await lisa.open('Garden club');
  await shown(lisa.message('thanks @lisa').locator('.mention.me'));
  await gone(avi.message('thanks @lisa').locator('.mention.me'));
});

browserTest('typing is shown to the other user', {}, async (fixture) => {
  const { avi, lisa } = await pair(fixture);
  await lisa.open('avi');
  await avi.composer.pressSequentially('let me think');
  await shown(lisa.role('main', 'avi').getByText('avi is typing…'));
  await avi.composer.press('Enter');
  await gone(lisa.role('main', 'avi').getByText('avi is typing…'));
});

browserTest('a right-to-left name does not change the direction of the typing line', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const layla = await fixture.server.account('layla');
  await layla.patch('/me', { display_name: 'ليلى حداد' });
  const session = await layla.direct(avi.account);
  const socket = await layla.connect();
  await shown(avi.chat('ليلى حداد'));
  const typing = avi.row('ليلى حداد').locator('.chat-typing');
  // A typing sign lasts six seconds; the line is checked while it is shown.
  await until(async () => {
    await socket.request({ type: 'typing', session: session.id });
    return typing.isVisible();
  }, 'she is typing');
  const [direction, text] = await typing.evaluate((element) => [getComputedStyle(element.parentElement).direction, element.textContent]);
  assert.equal(direction, 'ltr');
  assert.equal(text, 'ليلى حداد is typing…');
});

browserTest('line breaks are kept and links are clickable', {}, async (fixture) => {
  const { avi, lisa } = await pair(fixture);
  await avi.composer.pressSequentially('one');
  await avi.composer.press('Shift+Enter');
  await avi.composer.pressSequentially('two https://example.org/a?b=c.');
  await avi.composer.press('Enter');
  await lisa.open('avi');
  const text = lisa.message('one').locator('.text');
  await shown(text);
  assert.equal(await text.innerText(), 'one\ntwo https://example.org/a?b=c.');
  const link = text.getByRole('link');
  assert.equal(await link.getAttribute('href'), 'https://example.org/a?b=c');
  assert.match(await link.getAttribute('rel'), /noopener/);
  assert.match(await link.getAttribute('rel'), /noreferrer/);
});

browserTest('unread messages are counted, begin below a line, and move the conversation to the top', {}, async (fixture) => {
  const mira = await fixture.server.account('mira');
  const account = await fixture.server.account('lisa');
  const lisa = await fixture.person('lisa', { account });
  const fromMira = await mira.direct(account);
  const avi = await fixture.server.account('avi');
  const fromAvi = await avi.direct(account);
  await avi.send(fromAvi, 'first');
  await mira.send(fromMira, 'an old one');
  await lisa.open('mira');
  await shown(lisa.message('an old one'));
  for (const text of ['second', 'third']) await avi.send(fromAvi, text);
  await shown(lisa.chat('avi', 3));
  await becomes(async () => (await lisa.chats.getByRole('link').allInnerTexts()).findIndex((text) => text.includes('avi')), 0);
  await until(async () => /\(3\)/.test(await lisa.page.title()), 'the title counts');
  await shown(lisa.row('avi').getByText('third'));

  await lisa.open('avi');
  await shown(lisa.role('separator', 'New messages'));
  await shown(lisa.chat('avi', 0));
  await until(async () => !/\(\d/.test(await lisa.page.title()), 'the title counts no more');
  const order = await lisa.log.evaluate((log) => [...log.querySelectorAll('[role="separator"], article')]
    .map((row) => (row.matches('article') ? row.querySelector('.text')?.textContent : row.textContent)).filter(Boolean));
  const line = order.findIndex((text) => /new messages/i.test(text));
  assert.equal(order[line + 1], 'first');
});

browserTest('messages are grouped by day and sender', {}, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  for (const text of ['one', 'two', 'three']) await lisa.account.send(session, text);
  await shown(avi.message('three'));
  await shown(avi.role('separator', 'Today').or(avi.log.getByText('Today')));
  const heights = await avi.log.getByRole('article').evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  assert.ok(heights[1] <= heights[0], `the second of a run repeats no head: ${heights}`);
  // On the next day the same messages are from yesterday.
  await avi.page.clock.setFixedTime(Date.now() + 24 * 3600 * 1000);
  await avi.page.reload();
  await avi.open('lisa');
  await shown(avi.role('separator', 'Yesterday').or(avi.log.getByText('Yesterday')));
});

browserTest('scrolling back loads older messages to the beginning without jumps', { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0' }, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  const socket = await lisa.account.connect();
  await socket.sendAll(session, Array.from({ length: 400 }, (_, i) => `message number ${i + 1}`));
  await shown(avi.message('message number 400'));
  const scroller = avi.log;
  await scroller.hover();
  await until(async () => {
    await avi.page.mouse.wheel(0, -1500);
    return (await avi.message(/^message number 1$/).count()) > 0;
  }, 'the first message comes', 60_000);
  await shown(avi.page.getByText('This is the beginning of the conversation'));
  await avi.button(/Newest messages/).click();
  await shown(avi.message('message number 400'));
});

browserTest('a reader further up is not scrolled down and sees the number of new messages', { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0' }, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  const socket = await lisa.account.connect();
  await socket.sendAll(session, Array.from({ length: 60 }, (_, i) => `message number ${i + 1}`));
  await shown(avi.message('message number 60'));
  await avi.log.hover();
  await avi.page.mouse.wheel(0, -800);
  await shown(avi.button(/Newest messages/));
  const before = await avi.log.evaluate((log) => {
    const top = log.getBoundingClientRect().top;
    const row = [...log.querySelectorAll('article')].find((article) => article.getBoundingClientRect().top >= top);
    return { id: row.textContent, top: row.getBoundingClientRect().top };
  });
  await lisa.account.send(session, 'something new');
  await shown(avi.button(/Newest messages/).filter({ hasText: /1/ }));
  const after = await avi.log.evaluate((log, id) => [...log.querySelectorAll('article')].find((row) => row.textContent === id).getBoundingClientRect().top, before.id);
  assert.ok(Math.abs(after - before.top) < 2, `it stands still: ${before.top} → ${after}`);
  await avi.button(/Newest messages/).click();
  await shown(avi.message('something new'));
});

browserTest('a text that is too long is reported and not lost', { PARLOR_TEXT_BYTES: '64' }, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  const long = 'ж'.repeat(40);
  await avi.composer.fill(long);
  await avi.composer.press('Enter');
  await shown(avi.role('main', 'lisa').getByText(/too long/i));
  assert.equal(await avi.composer.inputValue(), long);
  await avi.composer.fill('short');
  await avi.composer.press('Enter');
  await shown(status(avi, 'short').getByText('Sent', { exact: true }));
  assert.deepEqual(await lisa.account.texts(session), ['short']);
});
