// The connection: the page reports a lost one, reconnects by itself, and loses and repeats nothing, whether the server, the
// network or the page failed.

import assert from 'node:assert/strict';
import { Account } from '../kit/account.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { AWAY } from '../kit/person.mjs';
import { browserTest } from '../kit/fixture.mjs';

const UNHURRIED = { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0', PARLOR_PRESENCE_GRACE_SECONDS: '1' };

/** Milliseconds; reconnect delays may have grown. */
const BACK = 45_000;

async function pair(fixture, options = {}) {
  const avi = await fixture.person('avi', options);
  const lisa = await fixture.person('lisa');
  const session = await avi.account.direct(lisa.account);
  await avi.open('lisa');
  await lisa.open('avi');
  for (const person of [avi, lisa]) person.expects(AWAY);
  return { avi, lisa, session };
}

function back(person) {
  return person.banner.waitFor({ state: 'hidden', timeout: BACK });
}

browserTest('typing survives a crash and restart of the server', UNHURRIED, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  await avi.composer.pressSequentially('what I was about');
  await fixture.server.kill();
  await shown(avi.banner);
  await avi.composer.pressSequentially(' to write');
  await fixture.server.open();
  await back(avi);
  await back(lisa);
  assert.equal(await avi.composer.inputValue(), 'what I was about to write');
  assert.ok(await avi.composer.evaluate((field) => field === document.activeElement), 'the focus is still there');
  await avi.composer.press('Enter');
  await shown(lisa.message('what I was about to write'));
  assert.deepEqual(await avi.account.texts(session), ['what I was about to write']);
});

browserTest('a graceful restart is shown as such', UNHURRIED, async (fixture) => {
  const { avi } = await pair(fixture);
  await Promise.all([shown(avi.banner.getByText(/restarting/)), fixture.server.stop()]);
  await shown(avi.banner.getByText(/Trying again/));
  await fixture.server.open();
  await back(avi);
});

browserTest('reconnect delays grow, and a button skips them', UNHURRIED, async (fixture) => {
  const { avi } = await pair(fixture);
  let tries = 0;
  avi.page.on('websocket', () => { tries += 1; });
  await fixture.server.kill();
  await avi.banner.getByText(/Trying again in ([6-9]|\d\d) s/).waitFor({ timeout: BACK });
  const before = tries;
  assert.ok(before >= 2, `${before} tries`);
  await avi.banner.getByRole('button', { name: 'Try now' }).click();
  await until(() => tries > before, 'another try', 3_000);
  await fixture.server.open();
  await back(avi);
});

browserTest('messages written while the server is down are sent later, once and in order', UNHURRIED, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  await fixture.server.kill();
  await shown(avi.banner);
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await avi.write(text);
  for (const text of texts) await shown(avi.message(text));
  await fixture.server.open();
  await shown(lisa.message('three'));
  await shown(avi.message('three').locator('.status').getByText(/^(Sent|Read)$/));
  assert.deepEqual(await avi.account.texts(session), texts);
  await becomes(() => lisa.messages(), texts);
});

browserTest('unsent messages and drafts survive a reload while offline', UNHURRIED, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  const mira = await fixture.server.account('mira');
  await avi.account.direct(mira);
  await avi.open('mira');
  await avi.composer.fill('half a thought');
  await avi.open('lisa');
  await fixture.server.kill();
  await shown(avi.banner);
  await avi.write('from before the reload');
  await shown(avi.message('from before the reload'));
  await fixture.server.open();
  // The page comes from the server, too: it is back, but perhaps not the connection.
  await avi.page.reload();
  await shown(lisa.message('from before the reload'));
  await avi.open('mira');
  await becomes(() => avi.composer.inputValue(), 'half a thought');
  assert.deepEqual(await avi.account.texts(session), ['from before the reload']);
});

browserTest('a message sent while the browser is offline is delivered when it is online', UNHURRIED, async (fixture) => {
  const { avi, lisa, session } = await pair(fixture);
  await avi.context.setOffline(true);
  await shown(avi.banner.getByText(/You are offline/));
  await avi.write('from the tunnel');
  // Nothing is in flight now.
  await shown(avi.message('from the tunnel').locator('.status').getByText('Waiting to be sent', { exact: true }));
  await shown(avi.row('lisa').getByText('Waiting to be sent: from the tunnel'));
  await lisa.account.send(session, 'where are you?');
  await avi.context.setOffline(false);
  await shown(lisa.message('from the tunnel'));
  await back(avi);
  await shown(avi.message('where are you?'));
  assert.deepEqual(await avi.account.texts(session), ['where are you?', 'from the tunnel']);
});

browserTest('a lost reply does not lead to a second message', UNHURRIED, async (fixture) => {
  const line = await fixture.line();
  const { avi, lisa, session } = await pair(fixture, { line });
  // Requests arrive, responses do not: the server stores the message, and the page cannot know.
  line.hold({ onlyAnswers: true });
  await avi.write('did this arrive?');
  await shown(lisa.message('did this arrive?'));
  line.cut();
  line.release();
  await back(avi);
  await shown(avi.message('did this arrive?').locator('.status').getByText(/^(Sent|Read)$/));
  assert.equal(await avi.message('did this arrive?').count(), 1);
  assert.deepEqual(await avi.account.texts(session), ['did this arrive?']);
});

browserTest('after a gap the page catches up: messages, edits, deletions, titles, members', UNHURRIED, async (fixture) => {
  const line = await fixture.line();
  const avi = await fixture.person('avi', { line });
  avi.expects(AWAY);
  const lisa = await fixture.server.account('lisa');
  const mira = await fixture.server.account('mira');
  const garden = await lisa.group('Garden', [avi.account]);
  const edited = await lisa.send(garden, 'at four');
  const deleted = await lisa.send(garden, 'forget this');
  await avi.open('Garden');
  await shown(avi.message('forget this'));
  line.hold();
  line.cut();
  await shown(avi.banner);
  const socket = await lisa.connect();
  await lisa.patch(`/sessions/${garden.id}/messages/${edited}`, { text: 'at five' });
  await lisa.delete(`/sessions/${garden.id}/messages/${deleted}`);
  await socket.sendAll(garden, Array.from({ length: 300 }, (_, i) => `while you were away ${i + 1}`));
  await lisa.patch(`/sessions/${garden.id}`, { title: 'Roof garden' });
  const other = await mira.direct(avi.account);
  await mira.send(other, 'hello from mira');
  line.release();
  await back(avi);
  await shown(avi.role('main', 'Roof garden'));
  await shown(avi.row('mira').getByText('hello from mira'));
  await shown(avi.chat('Roof garden'));
  const newest = avi.button(/Newest messages/);
  if (await newest.isVisible()) await newest.click();
  await shown(avi.message('while you were away 300'));
  // The page shows what a new load would.
  const texts = await avi.messages();
  await avi.page.reload();
  await shown(avi.message('while you were away 300'));
  const fresh = await avi.messages();
  assert.deepEqual(texts.slice(-20), fresh.slice(-20));
});

browserTest('a slow network does not end the connection', UNHURRIED, async (fixture) => {
  const line = await fixture.line();
  line.slow({ delay: 100, bytesPerSecond: 100_000 });
  const { avi, lisa } = await pair(fixture, { line });
  line.slow({ delay: 500, bytesPerSecond: 5_000 });
  for (const text of ['slowly', 'but', 'surely']) await avi.write(text);
  await shown(avi.message('surely').locator('.status').getByText('Sending…'));
  await shown(lisa.message('surely'));
  await shown(avi.message('surely').locator('.status').getByText(/^(Sent|Read)$/));
  await becomes(() => lisa.messages(), ['slowly', 'but', 'surely']);
});

browserTest('a dead network is detected', { ...UNHURRIED, PARLOR_HEARTBEAT_SECONDS: '2', PARLOR_HEARTBEAT_TIMEOUT_SECONDS: '2' }, async (fixture) => {
  const line = await fixture.line();
  const { avi, lisa, session } = await pair(fixture, { line });
  line.hold();
  await avi.banner.waitFor({ state: 'visible', timeout: 60_000 });
  await lisa.account.send(session, 'hello?');
  line.cut();
  line.release();
  await back(avi);
  await shown(avi.message('hello?'));
});

browserTest('conversations that are still loading are not reported as ended', UNHURRIED, async (fixture) => {
  const account = await fixture.server.account('avi');
  const avi = await fixture.visitor('avi', { account, path: null });
  // A connection that never opens.
  await avi.page.addInitScript(() => {
    window.WebSocket = class {
      static OPEN = 1;

      readyState = 0;

      send() {}

      close() {}
    };
  });
  await avi.go('/');
  await shown(avi.role('main').getByText('Loading…'));
  await gone(avi.heading('No conversations yet'));
  await gone(avi.heading('Start a conversation'));
});

browserTest('a login that was ended elsewhere leads to the first page with an explanation', UNHURRIED, async (fixture) => {
  const { avi } = await pair(fixture);
  const other = await Account.login(fixture.server, 'avi');
  const { tokens } = await other.get('/tokens');
  for (const token of tokens.filter((one) => !one.current)) await other.delete(`/tokens/${token.id}`);
  avi.expects(/status of 401/);
  await shown(avi.heading('Welcome to Parlor'));
  await shown(avi.page.getByText(/(logged out|log in again|login .*ended)/i));
});

browserTest('new messages are shown in the title, and by a notification if permitted', UNHURRIED, async (fixture) => {
  const account = await fixture.server.account('lisa');
  const lisa = await fixture.visitor('lisa', { account, path: null, permissions: ['notifications'] });
  // Notifications are outside of the page; the calls to the browser are recorded.
  await lisa.page.addInitScript(() => {
    window.notified = [];
    const Real = window.Notification;
    window.Notification = class extends Real {
      constructor(title, options) {
        super(title, options);
        window.notified.push(`${title}: ${options?.body}`);
      }
    };
    // The page is hidden.
    document.hasFocus = () => false;
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    Object.defineProperty(document, 'hidden', { get: () => true });
  });
  await lisa.go('/');
  await lisa.isIn();
  const avi = await fixture.server.account('avi');
  const session = await avi.direct(account);
  await avi.send(session, 'look up');
  await until(async () => /^\(1\)/.test(await lisa.page.title()), 'the title counts');
  const allowed = await lisa.page.evaluate(() => Notification.permission);
  if (allowed === 'granted') await becomes(() => lisa.page.evaluate(() => window.notified), ['avi: look up']);
  else fixture.t.diagnostic(`notifications are ${allowed} in this browser`);
});

browserTest('messages that arrived while offline are below a line and read only when visible', { PARLOR_SENDS_PER_SECOND: '0', PARLOR_REQUESTS_PER_SECOND: '0' }, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  avi.expects(AWAY);
  const session = await avi.account.direct(lisa);
  for (let i = 0; i < 40; i += 1) await lisa.send(session, `before ${i}`);
  await avi.open('lisa');
  await avi.button(/^Newest messages/).click();
  await shown(avi.message('before 39'));
  await becomes(async () => (await avi.account.get(`/sessions/${session.id}`)).session.unread, 0);
  await avi.context.setOffline(true);
  await shown(avi.banner);
  for (let i = 0; i < 100; i += 1) await lisa.send(session, `while away ${i}`);
  await avi.context.setOffline(false);
  await gone(avi.banner);
  await shown(avi.log.getByRole('separator', { name: 'New messages' }));
  await shown(avi.message(/^while away 0$/));
  const top = await avi.message(/^while away 0$/).evaluate((e) => e.getBoundingClientRect().top - e.closest('[role=log]').getBoundingClientRect().top);
  const { session: now } = await avi.account.get(`/sessions/${session.id}`);
  assert.ok(top >= 0 && top < 300, `the first new message is ${top} px below the top`);
  assert.ok(now.unread > 60, `${now.unread} are unread`);
  await avi.button(/^Newest messages/).click();
  await shown(avi.message('while away 99'));
  await becomes(async () => (await avi.account.get(`/sessions/${session.id}`)).session.unread, 0);
});
