// Login: accounts, guests, creating or joining a room, links to rooms; and logout. Errors are shown beside the field.

import assert from 'node:assert/strict';
import { PASSWORD } from '../kit/account.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

browserTest('a new account is logged in, also after a reload', {}, async (fixture) => {
  const avi = await fixture.visitor('avi');
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

browserTest('an account logs in, and out again in all tabs', {}, async (fixture) => {
  await fixture.server.account('avi');
  const avi = await fixture.visitor('avi');
  await avi.choose('Log in');
  await avi.field('Username').fill('Avi');
  await avi.field('Password').fill(PASSWORD);
  await avi.field('Password').press('Enter');
  await avi.isIn();
  const tab = await fixture.tab(avi);
  await tab.isIn();
  await avi.button('Account').click();
  await avi.role('dialog').getByRole('button', { name: 'Log out', exact: true }).click();
  await shown(avi.heading('Welcome to Parlor'));
  await shown(tab.heading('Welcome to Parlor'));
  await avi.page.reload();
  await shown(avi.heading('Welcome to Parlor'));
  assert.deepEqual(await avi.page.evaluate(() => Object.keys(localStorage).filter((key) => /outbox|drafts/.test(key))), []);
});

browserTest('errors are shown beside the field, as sentences', {}, async (fixture) => {
  await fixture.server.account('lisa');
  const avi = await fixture.visitor('avi');
  for (const status of [400, 401, 409]) avi.expects(new RegExp(`status of ${status} .*/api/v1/(login|register)`));

  const tries = async (way, username, password, field, text) => {
    await avi.choose(way);
    await avi.field('Username').fill(username);
    await avi.field('Password').fill(password);
    await avi.submit(way);
    await until(async () => text.test(await avi.errorOf(field)), `${way} ${username}/${password}: ${text} beside ${field}`);
    await becomes(() => avi.field(field).evaluate((element) => element === document.activeElement), true);
  };
  await tries('Log in', 'lisa', 'not her password', 'Password', /password/i);
  await tries('Log in', 'no-such-user', PASSWORD, 'Username', /\w+ \w+/);
  await tries('Create account', 'lisa', PASSWORD, 'Username', /taken/i);
  await tries('Create account', 'avi', 'short', 'Password', /8/);
  await tries('Create account', 'a b', PASSWORD, 'Username', /\w+ \w+/);
  await tries('Create account', '', '', 'Username', /\w+ \w+/);

  // An earlier error does not block valid input.
  await avi.field('Username').fill('avi');
  await avi.field('Password').fill(PASSWORD);
  await avi.submit('Create account');
  await avi.isIn();
});

browserTest('a guest needs only a name, in any script', {}, async (fixture) => {
  const zoya = await fixture.visitor('zoya');
  zoya.expects(/status of (400|409) .*\/api\/v1\/guests/);
  await zoya.choose('Continue as guest');
  await zoya.field('Your name').fill('Зоя Иванова');
  await zoya.submit('Enter');
  await zoya.isIn();
  await zoya.button('Account').click();
  await shown(zoya.role('dialog').getByText('Зоя Иванова'));

  const nameless = await fixture.visitor('nameless');
  await nameless.choose('Continue as guest');
  await nameless.submit('Enter');
  await until(() => nameless.errorOf('Your name'), 'an error beside the name');
});

browserTest('a room is created on the first page and joined there with its code', {}, async (fixture) => {
  const avi = await fixture.visitor('avi');
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.submit('Create a room');
  await shown(avi.composer);
  await avi.showDetails();
  const code = (await avi.details.getByText(/^[2-9A-HJ-NP-Z -]{10,}$/).innerText()).replace(/[^2-9A-Z]/g, '');
  assert.match(code, /^[2-9A-HJ-NP-Z]{10}$/);

  const lisa = await fixture.visitor('lisa');
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await lisa.choose('Join with a code');
  await lisa.field('Your name').fill('lisa');
  await lisa.field('Room code').fill('2222222222');
  await lisa.submit('Join room');
  await until(() => lisa.errorOf('Room code'), 'an error beside the code');
  // Codes are not typed exactly as written.
  await lisa.field('Room code').fill(`${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase());
  await lisa.submit('Join room');
  await shown(lisa.composer);
  await lisa.write('hello from the code');
  await shown(avi.message('hello from the code'));
});

browserTest('a link to a room needs only a name, and the code leaves the address', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const room = await avi.account.room('Garden');
  await avi.open('Garden');
  const lisa = await fixture.visitor('lisa', { path: `/room/${room.code}` });
  // The visitor sees the room before joining.
  await shown(lisa.heading('Join “Garden”'));
  await shown(lisa.page.getByText('1 member, 1 online'));
  await lisa.field('Your name').fill('lisa');
  await lisa.submit('Join room');
  await shown(lisa.composer);
  await lisa.write('hello from the link');
  await shown(avi.message('hello from the link'));
  await until(() => !lisa.page.url().includes(room.code), 'the address has no code');
  await lisa.page.reload();
  await shown(lisa.message('hello from the link'));
});

browserTest('a link to a room needs only a confirmation from logged-in users', {}, async (fixture) => {
  const avi = await fixture.server.account('avi');
  const room = await avi.room('Garden');
  const lisa = await fixture.visitor('lisa', { account: await fixture.server.account('lisa'), path: `/room/${room.code}` });
  await shown(lisa.heading('Join “Garden”'));
  await gone(lisa.field('Your name'));
  await lisa.button('Join room').click();
  await shown(lisa.composer);
  await lisa.go(`/room/${room.code}`);
  // A member needs no confirmation.
  await shown(lisa.composer);
  await shown(lisa.role('main', 'Garden'));
});

browserTest('a link to a missing room reports that before the name form', {}, async (fixture) => {
  const there = await (await fixture.server.account('mira')).room('Garden');
  const lisa = await fixture.visitor('lisa', { path: null });
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await lisa.go('/room/2222222222');
  await shown(lisa.heading('Room not found'));
  await gone(lisa.field('Your name'));
  await shown(lisa.button('Create a room'));
  // The code can be corrected, and leads to the room.
  await lisa.field('Room code').fill('3333333333');
  await lisa.submit('Find room');
  await until(() => lisa.errorOf('Room code'), 'an error beside the code');
  await lisa.field('Room code').fill(there.code);
  await lisa.submit('Find room');
  await shown(lisa.heading('Join “Garden”'));
  await lisa.field('Your name').fill('lisa');
  await lisa.submit('Join room');
  await shown(lisa.role('main', 'Garden'));

  // An invalid code is not looked up.
  const ken = await fixture.visitor('ken', { path: '/room/hello' });
  await shown(ken.heading('Room not found'));

  const avi = await fixture.visitor('avi', { account: await fixture.server.account('avi'), path: null });
  avi.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await avi.go('/room/2222222222');
  await shown(avi.heading('Room not found'));
});

browserTest('a room whose description is cut off on its way can be looked up again', {}, async (fixture) => {
  const room = await (await fixture.server.account('avi')).room('Garden');
  const lisa = await fixture.visitor('lisa', { path: null });
  for (const body of ['{"title":"Gar', '<html>Log in to this network</html>', '']) {
    await lisa.page.route('**/api/v1/rooms/*', (route) => route.fulfill({ status: 200, body }));
    await lisa.page.goto('about:blank');
    await lisa.go(`/room/${room.code}`);
    await shown(lisa.page.getByText('The server cannot be reached.'));
    await lisa.page.unroute('**/api/v1/rooms/*');
    await lisa.button('Try again').click();
    await shown(lisa.heading('Join “Garden”'));
  }
});

browserTest('a wrong code does not use up a name', {}, async (fixture) => {
  const lisa = await fixture.visitor('lisa');
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  const requests = [];
  lisa.page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await lisa.choose('Join with a code');
  await lisa.field('Your name').fill('lisa');
  await lisa.field('Room code').fill('2222222222');
  await lisa.submit('Join room');
  await until(() => lisa.errorOf('Room code'), 'an error beside the code');
  assert.ok(!requests.includes('POST /api/v1/guests'), requests.join(', '));
});

browserTest('without guests nothing is offered that needs one', { PARLOR_GUESTS: 'off' }, async (fixture) => {
  const gwen = await fixture.visitor('gwen');
  await shown(gwen.role('tab', 'Log in'));
  // The page knows the settings before the first render: accounts are the initial method.
  assert.equal(await gwen.role('tab', 'Log in').getAttribute('aria-selected'), 'true');
  for (const name of ['Create a room', 'Join with a code']) await gone(gwen.button(name));
  assert.equal(await gwen.page.getByText(/guest/i).filter({ visible: true }).count(), 0);

  // A link to a room requires an account.
  const avi = await fixture.server.account('avi');
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

browserTest('a room that ended while its creator was offline is reported as ended', { PARLOR_PRESENCE_GRACE_SECONDS: '1', PARLOR_ROOM_GRACE_SECONDS: '1' }, async (fixture) => {
  const line = await fixture.line();
  const avi = await fixture.visitor('avi', { line });
  avi.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|status of 404/);
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.field('Room title').fill('Balcony');
  await avi.submit('Create a room');
  await shown(avi.role('main', 'Balcony'));
  const code = (await avi.log.locator('.room-code').innerText()).replace(/\s/g, '');
  // After a first visit, since an unvisited room waits for one.
  const lisa = await fixture.server.account('lisa');
  const room = await lisa.join(code);
  await avi.context.setOffline(true);
  // Chromium keeps an open socket alive while it emulates being offline.
  line.cut();
  await until(async () => !(await lisa.get('/sessions')).sessions.some(({ id }) => id === room.id), 'the room has ended');
  await avi.context.setOffline(false);
  await shown(avi.page.getByText(/The room “Balcony” has ended/));
});

browserTest('a room made on the first page can be kept', {}, async (fixture) => {
  const avi = await fixture.visitor('avi');
  await avi.choose('Create a room');
  await avi.field('Your name').fill('avi');
  await avi.field('Keep this room').check();
  await avi.submit('Create a room');
  await shown(avi.composer);
  // Codes of kept rooms are longer.
  assert.match((await avi.log.locator('.room-code').innerText()).replace(/\s/g, ''), /^[2-9A-Z]{12}$/);
});
