// Staying connected: what the page says when the line is gone, that it comes back by itself, and that nothing is lost or
// said twice, whoever failed: the server, the network, or the page.

import assert from 'node:assert/strict';
import { Account } from '../kit/account.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { AWAY } from '../kit/person.mjs';
import { scene } from '../kit/stage.mjs';

const UNHURRIED = { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0', PARLOR_PRESENCE_GRACE_SECONDS: '1' };

/** Growing pauses may have grown. */
const BACK = 45_000;

async function pair(stage, options = {}) {
  const avi = await stage.person('avi', options);
  const lisa = await stage.person('lisa');
  const session = await avi.account.direct(lisa.account);
  await avi.open('lisa');
  await lisa.open('avi');
  for (const person of [avi, lisa]) person.expects(AWAY);
  return { avi, lisa, session };
}

function back(person) {
  return person.banner.waitFor({ state: 'hidden', timeout: BACK });
}

scene('the server is killed and restarted in the middle of typing', UNHURRIED, async (stage) => {
  const { avi, lisa, session } = await pair(stage);
  await avi.composer.pressSequentially('what I was about');
  await stage.server.kill();
  await shown(avi.banner);
  await avi.composer.pressSequentially(' to say');
  await stage.server.open();
  await back(avi);
  await back(lisa);
  assert.equal(await avi.composer.inputValue(), 'what I was about to say');
  assert.ok(await avi.composer.evaluate((field) => field === document.activeElement), 'the focus is still there');
  await avi.composer.press('Enter');
  await shown(lisa.message('what I was about to say'));
  assert.deepEqual(await avi.account.texts(session), ['what I was about to say']);
});

scene('a polite restart is said to be one', UNHURRIED, async (stage) => {
  const { avi } = await pair(stage);
  await Promise.all([shown(avi.banner.getByText(/restarting/)), stage.server.stop()]);
  await shown(avi.banner.getByText(/Trying again/));
  await stage.server.open();
  await back(avi);
});

scene('the pauses grow, and nobody has to wait for them', UNHURRIED, async (stage) => {
  const { avi } = await pair(stage);
  let tries = 0;
  avi.page.on('websocket', () => { tries += 1; });
  await stage.server.kill();
  await avi.banner.getByText(/Trying again in ([6-9]|\d\d) s/).waitFor({ timeout: BACK });
  const before = tries;
  assert.ok(before >= 2, `${before} tries`);
  await avi.banner.getByRole('button', { name: 'Try now' }).click();
  await until(() => tries > before, 'another try', 3_000);
  await stage.server.open();
  await back(avi);
});

scene('what is written while the server is away is sent when it is back, once and in order', UNHURRIED, async (stage) => {
  const { avi, lisa, session } = await pair(stage);
  await stage.server.kill();
  await shown(avi.banner);
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await avi.write(text);
  for (const text of texts) await shown(avi.message(text));
  await stage.server.open();
  await shown(lisa.message('three'));
  await shown(avi.message('three').locator('.status').getByText(/^(Sent|Read)$/));
  assert.deepEqual(await avi.account.texts(session), texts);
  await becomes(() => lisa.messages(), texts);
});

scene('what was not sent and what was being typed outlive a reload while offline', UNHURRIED, async (stage) => {
  const { avi, lisa, session } = await pair(stage);
  const mira = await stage.server.account('mira');
  await avi.account.direct(mira);
  await avi.open('mira');
  await avi.composer.fill('half a thought');
  await avi.open('lisa');
  await stage.server.kill();
  await shown(avi.banner);
  await avi.write('from before the reload');
  await shown(avi.message('from before the reload'));
  await stage.server.open();
  // The page comes from the server too: it is there again, but the line to the chat may not be yet.
  await avi.page.reload();
  await shown(lisa.message('from before the reload'));
  await avi.open('mira');
  await becomes(() => avi.composer.inputValue(), 'half a thought');
  assert.deepEqual(await avi.account.texts(session), ['from before the reload']);
});

scene('a message sent while the browser is offline goes when it is online', UNHURRIED, async (stage) => {
  const { avi, lisa, session } = await pair(stage);
  await avi.context.setOffline(true);
  await shown(avi.banner.getByText(/You are offline/));
  await avi.write('from the tunnel');
  // Nothing is being sent now.
  await shown(avi.message('from the tunnel').locator('.status').getByText('Waiting to be sent', { exact: true }));
  await shown(avi.row('lisa').getByText('Waiting to be sent: from the tunnel'));
  await lisa.account.say(session, 'where are you?');
  await avi.context.setOffline(false);
  await shown(lisa.message('from the tunnel'));
  await back(avi);
  await shown(avi.message('where are you?'));
  assert.deepEqual(await avi.account.texts(session), ['where are you?', 'from the tunnel']);
});

scene('an answer that is lost on the way leads to no second message', UNHURRIED, async (stage) => {
  const line = await stage.line();
  const { avi, lisa, session } = await pair(stage, { line });
  // Everything goes out, nothing comes back: the server keeps the message, and the page cannot know.
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

scene('after a gap the page catches up: messages, edits, deletions, titles, members', UNHURRIED, async (stage) => {
  const line = await stage.line();
  const avi = await stage.person('avi', { line });
  avi.expects(AWAY);
  const lisa = await stage.server.account('lisa');
  const mira = await stage.server.account('mira');
  const garden = await lisa.group('Garden', [avi.account]);
  const edited = await lisa.say(garden, 'at four');
  const deleted = await lisa.say(garden, 'forget this');
  await avi.open('Garden');
  await shown(avi.message('forget this'));
  line.hold();
  line.cut();
  await shown(avi.banner);
  const socket = await lisa.connect();
  await lisa.patch(`/sessions/${garden.id}/messages/${edited}`, { text: 'at five' });
  await lisa.delete(`/sessions/${garden.id}/messages/${deleted}`);
  await socket.sayAll(garden, Array.from({ length: 300 }, (_, i) => `while you were away ${i + 1}`));
  await lisa.patch(`/sessions/${garden.id}`, { title: 'Roof garden' });
  const other = await mira.direct(avi.account);
  await mira.say(other, 'hello from mira');
  line.release();
  await back(avi);
  await shown(avi.role('main', 'Roof garden'));
  await shown(avi.row('mira').getByText('hello from mira'));
  await shown(avi.chat('Roof garden'));
  const newest = avi.button(/Newest messages/);
  if (await newest.isVisible()) await newest.click();
  await shown(avi.message('while you were away 300'));
  // What a fresh load would show is what is there.
  const texts = await avi.messages();
  await avi.page.reload();
  await shown(avi.message('while you were away 300'));
  const fresh = await avi.messages();
  assert.deepEqual(texts.slice(-20), fresh.slice(-20));
});

scene('a slow network is no reason to give up', UNHURRIED, async (stage) => {
  const line = await stage.line();
  line.slow({ delay: 100, bytesPerSecond: 100_000 });
  const { avi, lisa } = await pair(stage, { line });
  line.slow({ delay: 500, bytesPerSecond: 5_000 });
  for (const text of ['slowly', 'but', 'surely']) await avi.write(text);
  await shown(avi.message('surely').locator('.status').getByText('Sending…'));
  await shown(lisa.message('surely'));
  await shown(avi.message('surely').locator('.status').getByText(/^(Sent|Read)$/));
  await becomes(() => lisa.messages(), ['slowly', 'but', 'surely']);
});

scene('a network that dies without a word is noticed', { ...UNHURRIED, PARLOR_HEARTBEAT_SECONDS: '2', PARLOR_HEARTBEAT_TIMEOUT_SECONDS: '2' }, async (stage) => {
  const line = await stage.line();
  const { avi, lisa, session } = await pair(stage, { line });
  line.hold();
  await avi.banner.waitFor({ state: 'visible', timeout: 60_000 });
  await lisa.account.say(session, 'hello?');
  line.cut();
  line.release();
  await back(avi);
  await shown(avi.message('hello?'));
});

scene('nothing is said of conversations that are still loading', UNHURRIED, async (stage) => {
  const account = await stage.server.account('avi');
  const avi = await stage.visitor('avi', { account, path: null });
  // A connection that never comes about.
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

scene('a login that was ended elsewhere leads to the first page, with a word why', UNHURRIED, async (stage) => {
  const { avi } = await pair(stage);
  const other = await Account.login(stage.server, 'avi');
  const { tokens } = await other.get('/tokens');
  for (const token of tokens.filter((one) => !one.current)) await other.delete(`/tokens/${token.id}`);
  avi.expects(/status of 401/);
  await shown(avi.heading('Welcome to Parlor'));
  await shown(avi.page.getByText(/(logged out|log in again|login .*ended)/i));
});

scene('new messages are told in the title, and by a notification where one may', UNHURRIED, async (stage) => {
  const account = await stage.server.account('lisa');
  const lisa = await stage.visitor('lisa', { account, path: null, permissions: ['notifications'] });
  // The browser shows notifications outside the page; what is asked of it is looked at here.
  await lisa.page.addInitScript(() => {
    window.notified = [];
    const Real = window.Notification;
    window.Notification = class extends Real {
      constructor(title, options) {
        super(title, options);
        window.notified.push(`${title}: ${options?.body}`);
      }
    };
    // In front of nobody.
    document.hasFocus = () => false;
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    Object.defineProperty(document, 'hidden', { get: () => true });
  });
  await lisa.go('/');
  await lisa.isIn();
  const avi = await stage.server.account('avi');
  const session = await avi.direct(account);
  await avi.say(session, 'look up');
  await until(async () => /^\(1\)/.test(await lisa.page.title()), 'the title counts');
  const allowed = await lisa.page.evaluate(() => Notification.permission);
  if (allowed === 'granted') await becomes(() => lisa.page.evaluate(() => window.notified), ['avi: look up']);
  else stage.t.diagnostic(`notifications are ${allowed} in this browser`);
});

scene('what came while offline stands below a line and is read only when it was on screen', { PARLOR_SENDS_PER_SECOND: '0', PARLOR_REQUESTS_PER_SECOND: '0' }, async (stage) => {
  const lisa = await stage.server.account('lisa');
  const avi = await stage.person('avi');
  avi.expects(AWAY);
  const session = await avi.account.direct(lisa);
  for (let i = 0; i < 40; i += 1) await lisa.say(session, `before ${i}`);
  await avi.open('lisa');
  await avi.button(/^Newest messages/).click();
  await shown(avi.message('before 39'));
  await becomes(async () => (await avi.account.get(`/sessions/${session.id}`)).session.unread, 0);
  await avi.context.setOffline(true);
  await shown(avi.banner);
  for (let i = 0; i < 100; i += 1) await lisa.say(session, `missed ${i}`);
  await avi.context.setOffline(false);
  await gone(avi.banner);
  await shown(avi.log.getByRole('separator', { name: 'New messages' }));
  await shown(avi.message(/^missed 0$/));
  const top = await avi.message(/^missed 0$/).evaluate((e) => e.getBoundingClientRect().top - e.closest('[role=log]').getBoundingClientRect().top);
  const { session: now } = await avi.account.get(`/sessions/${session.id}`);
  assert.ok(top >= 0 && top < 300, `the first new message is ${top} px below the top`);
  assert.ok(now.unread > 60, `${now.unread} are unread`);
  await avi.button(/^Newest messages/).click();
  await shown(avi.message('missed 99'));
  await becomes(async () => (await avi.account.get(`/sessions/${session.id}`)).session.unread, 0);
});
