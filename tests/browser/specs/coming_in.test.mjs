// The ways in: account, guest, a room made or joined, a link to a room; and out again. What is wrong is said beside the field.

import assert from 'node:assert/strict';
import { PASSWORD } from '../kit/account.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

scene('whoever makes an account is in, and still is after a reload', {}, async (stage) => {
  const avi = await stage.visitor('avi');
  await shown(avi.heading('Welcome to Parlor'));
  await avi.choose('Create account');
  await avi.field('Username').fill('avi');
  await avi.field('Password').fill(PASSWORD);
  await avi.submit('Create account');
  await avi.isIn();
  await avi.page.reload();
  await avi.isIn();
  assert.equal((await avi.context.cookies()).find((cookie) => cookie.name === 'parlor_token').httpOnly, true);
  assert.equal(await avi.page.evaluate(() => document.cookie), '');
});

scene('whoever has an account logs in, and out again in all tabs', {}, async (stage) => {
  await stage.server.account('avi');
  const avi = await stage.visitor('avi');
  await avi.choose('Log in');
  await avi.field('Username').fill('Avi');
  await avi.field('Password').fill(PASSWORD);
  await avi.field('Password').press('Enter');
  await avi.isIn();
  const tab = await stage.tab(avi);
  await tab.isIn();
  await avi.button('Account').click();
  await avi.role('dialog').getByRole('button', { name: 'Log out', exact: true }).click();
  await shown(avi.heading('Welcome to Parlor'));
  await shown(tab.heading('Welcome to Parlor'));
  await avi.page.reload();
  await shown(avi.heading('Welcome to Parlor'));
  assert.deepEqual(await avi.page.evaluate(() => Object.keys(localStorage).filter((key) => /outbox|drafts/.test(key))), []);
});

scene('errors stand beside the field, in words', {}, async (stage) => {
  await stage.server.account('lisa');
  const avi = await stage.visitor('avi');
  for (const status of [400, 401, 409]) avi.expects(new RegExp(`status of ${status} .*/api/v1/(login|register)`));

  const tries = async (way, username, password, field, words) => {
    await avi.choose(way);
    await avi.field('Username').fill(username);
    await avi.field('Password').fill(password);
    await avi.submit(way);
    await until(async () => words.test(await avi.errorOf(field)), `${way} ${username}/${password}: ${words} beside ${field}`);
    await becomes(() => avi.field(field).evaluate((element) => element === document.activeElement), true);
  };
  await tries('Log in', 'lisa', 'not her password', 'Password', /password/i);
  await tries('Log in', 'nobody-here', PASSWORD, 'Username', /\w+ \w+/);
  await tries('Create account', 'lisa', PASSWORD, 'Username', /taken/i);
  await tries('Create account', 'avi', 'short', 'Password', /8/);
  await tries('Create account', 'a b', PASSWORD, 'Username', /\w+ \w+/);
  await tries('Create account', '', '', 'Username', /\w+ \w+/);

  // What was wrong does not stand in the way of what is right.
  await avi.field('Username').fill('avi');
  await avi.field('Password').fill(PASSWORD);
  await avi.submit('Create account');
  await avi.isIn();
});

scene('a guest needs a name only, of any script', {}, async (stage) => {
  const zoya = await stage.visitor('zoya');
  zoya.expects(/status of (400|409) .*\/api\/v1\/guests/);
  await zoya.choose('Continue as guest');
  await zoya.field('Your name').fill('Зоя Иванова');
  await zoya.submit('Enter');
  await zoya.isIn();
  await zoya.button('Account').click();
  await shown(zoya.role('dialog').getByText('Зоя Иванова'));

  const nameless = await stage.visitor('nameless');
  await nameless.choose('Continue as guest');
  await nameless.submit('Enter');
  await until(() => nameless.errorOf('Your name'), 'a word beside the name');
});

scene('a room is made on the first page, and joined there with its code', {}, async (stage) => {
  const avi = await stage.visitor('avi');
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.submit('Create a room');
  await shown(avi.composer);
  await avi.showDetails();
  const code = (await avi.details.getByText(/^[2-9A-HJ-NP-Z -]{10,}$/).innerText()).replace(/[^2-9A-Z]/g, '');
  assert.match(code, /^[2-9A-HJ-NP-Z]{10}$/);

  const lisa = await stage.visitor('lisa');
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await lisa.choose('Join with a code');
  await lisa.field('Your name').fill('lisa');
  await lisa.field('Room code').fill('2222222222');
  await lisa.submit('Join room');
  await until(() => lisa.errorOf('Room code'), 'a word beside the code');
  // Nobody types a code as it is written.
  await lisa.field('Room code').fill(`${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase());
  await lisa.submit('Join room');
  await shown(lisa.composer);
  await lisa.write('hello from the code');
  await shown(avi.message('hello from the code'));
});

scene('a link to a room leads in after a name, and the code leaves the address', {}, async (stage) => {
  const avi = await stage.person('avi');
  const room = await avi.account.room('Garden');
  await avi.open('Garden');
  const lisa = await stage.visitor('lisa', { path: `/room/${room.code}` });
  // Who follows it sees what they join.
  await shown(lisa.heading('Join “Garden”'));
  await shown(lisa.page.getByText('1 member, 1 online'));
  await lisa.field('Your name').fill('lisa');
  await lisa.submit('Join room');
  await shown(lisa.composer);
  await lisa.write('hello from the link');
  await shown(avi.message('hello from the link'));
  await until(() => !lisa.page.url().includes(room.code), 'the address tells no code');
  await lisa.page.reload();
  await shown(lisa.message('hello from the link'));
});

scene('a link to a room asks those who are in only whether they want to', {}, async (stage) => {
  const avi = await stage.server.account('avi');
  const room = await avi.room('Garden');
  const lisa = await stage.visitor('lisa', { account: await stage.server.account('lisa'), path: `/room/${room.code}` });
  await shown(lisa.heading('Join “Garden”'));
  await gone(lisa.field('Your name'));
  await lisa.button('Join room').click();
  await shown(lisa.composer);
  await lisa.go(`/room/${room.code}`);
  // A member is not asked again.
  await shown(lisa.composer);
  await shown(lisa.role('main', 'Garden'));
});

scene('a link to a room that is not there says so before it asks for a name', {}, async (stage) => {
  const there = await (await stage.server.account('mira')).room('Garden');
  const lisa = await stage.visitor('lisa', { path: null });
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await lisa.go('/room/2222222222');
  await shown(lisa.heading('Room not found'));
  await gone(lisa.field('Your name'));
  await shown(lisa.button('Create a room'));
  // The code can be corrected, and leads on to the room.
  await lisa.field('Room code').fill('3333333333');
  await lisa.submit('Find room');
  await until(() => lisa.errorOf('Room code'), 'a word beside the code');
  await lisa.field('Room code').fill(there.code);
  await lisa.submit('Find room');
  await shown(lisa.heading('Join “Garden”'));
  await lisa.field('Your name').fill('lisa');
  await lisa.submit('Join room');
  await shown(lisa.role('main', 'Garden'));

  // What cannot be a code is not asked for.
  const ken = await stage.visitor('ken', { path: '/room/hello' });
  await shown(ken.heading('Room not found'));

  const avi = await stage.visitor('avi', { account: await stage.server.account('avi'), path: null });
  avi.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await avi.go('/room/2222222222');
  await shown(avi.heading('Room not found'));
});

scene('a wrong code costs nobody a name', {}, async (stage) => {
  const lisa = await stage.visitor('lisa');
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  const asked = [];
  lisa.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await lisa.choose('Join with a code');
  await lisa.field('Your name').fill('lisa');
  await lisa.field('Room code').fill('2222222222');
  await lisa.submit('Join room');
  await until(() => lisa.errorOf('Room code'), 'a word beside the code');
  assert.ok(!asked.includes('POST /api/v1/guests'), asked.join(', '));
});

scene('where guests are switched off, nothing is offered that needs one', { PARLOR_GUESTS: 'off' }, async (stage) => {
  const gwen = await stage.visitor('gwen');
  await shown(gwen.role('tab', 'Log in'));
  // Before it is drawn the page knows what it may offer: the way to begin with is the one for accounts.
  assert.equal(await gwen.role('tab', 'Log in').getAttribute('aria-selected'), 'true');
  for (const name of ['Create a room', 'Join with a code']) await gone(gwen.button(name));
  assert.equal(await gwen.page.getByText(/guest/i).filter({ visible: true }).count(), 0);

  // A link to a room leads in by way of an account.
  const avi = await stage.server.account('avi');
  const room = await avi.room('Garden');
  await gwen.go(`/room/${room.code}`);
  await shown(gwen.heading('Join “Garden”'));
  await gone(gwen.field('Your name'));
  await gwen.choose('Create account');
  await gwen.field('Username').fill('gwen');
  await gwen.field('Password').fill(PASSWORD);
  await gwen.submit('Create account');
  await shown(gwen.heading('Join “Garden”'));
  await gwen.button('Join room').click();
  await shown(gwen.role('main', 'Garden'));
});

scene('a room that ended while its creator was away is said to have ended', { PARLOR_PRESENCE_GRACE_SECONDS: '1', PARLOR_ROOM_GRACE_SECONDS: '1' }, async (stage) => {
  const line = await stage.line();
  const avi = await stage.visitor('avi', { line });
  avi.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|status of 404/);
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.field('Room title').fill('Balcony');
  await avi.submit('Create a room');
  await shown(avi.role('main', 'Balcony'));
  const code = (await avi.log.locator('.room-code').innerText()).replace(/\s/g, '');
  // Somebody has been there, so that the room does not wait for its first visitor.
  const lisa = await stage.server.account('lisa');
  const room = await lisa.join(code);
  await avi.context.setOffline(true);
  // Chromium keeps an open socket alive while it plays being offline.
  line.cut();
  await until(async () => !(await lisa.get('/sessions')).sessions.some(({ id }) => id === room.id), 'the room has ended');
  await avi.context.setOffline(false);
  await shown(avi.page.getByText(/The room “Balcony” has ended/));
});

scene('a room made on the first page can be kept', {}, async (stage) => {
  const avi = await stage.visitor('avi');
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.field('Keep this room').check();
  await avi.submit('Create a room');
  await shown(avi.composer);
  // Codes of kept rooms are longer.
  assert.match((await avi.log.locator('.room-code').innerText()).replace(/\s/g, ''), /^[2-9A-Z]{12}$/);
});
