// The life of a room: creation, code and link, a reload, the last member leaving.

import assert from 'node:assert/strict';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

async function makeRoom(person, title, keep) {
  await person.button('New conversation').click();
  await person.role('menuitem', 'Create a room').click();
  const dialog = person.role('dialog');
  await dialog.getByRole('textbox').first().fill(title);
  if (keep) await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: /^Create/ }).click();
  await dialog.getByRole('button', { name: 'Go to the room' }).click();
  await shown(person.role('main', title));
}

browserTest('a room is created, joined by link, reloaded, emptied, and removed', { PARLOR_ROOM_GRACE_SECONDS: '2', PARLOR_PRESENCE_GRACE_SECONDS: '1' }, async (fixture) => {
  const avi = await fixture.person('avi', { permissions: ['clipboard-read', 'clipboard-write'] });
  await makeRoom(avi, 'Balcony', false);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Copy link' }).click();
  const link = await until(() => avi.page.evaluate(() => navigator.clipboard.readText()), 'the link is copied');
  assert.match(link, new RegExp(`^${avi.url}/room/[2-9A-HJ-NP-Z]{10}$`));
  await avi.details.getByRole('button', { name: 'Copy code' }).click();
  await until(async () => {
    const code = await avi.page.evaluate(() => navigator.clipboard.readText());
    return !code.includes('/') && link.endsWith(code.replace(/[ -]/g, ''));
  }, 'the code is copied');

  const zoya = await fixture.visitor('zoya', { path: new URL(link).pathname });
  await shown(zoya.heading('Join “Balcony”'));
  await zoya.field('Your name').fill('Зоя');
  await zoya.submit('Join room');
  await shown(zoya.composer);
  await zoya.write('привет');
  await shown(avi.message('привет'));
  await shown(avi.log.getByText(/Зоя/).first());
  await zoya.page.reload();
  await shown(zoya.message('привет'));
  const { sessions } = await avi.account.get('/sessions');
  const room = sessions.find((session) => session.title === 'Balcony');
  assert.equal(room.member_count, 2);

  // All leave; the room is removed after the grace period.
  await avi.go('/docs');
  await zoya.go('/docs');
  avi.expects(/./);
  zoya.expects(/./);
  await until(async () => !(await avi.account.get('/sessions')).sessions.some((session) => session.id === room.id), 'the room is gone');
  await avi.go(`/#/s/${room.id}`);
  await avi.isIn();
  await gone(avi.chat('Balcony'));
  await gone(avi.composer);
});

browserTest('an open room that its owner deletes closes with an explanation', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const lisa = await fixture.person('lisa');
  const room = await avi.account.room('Balcony');
  await lisa.account.join(room.code);
  await lisa.open('Balcony');
  await avi.open('Balcony');
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Delete room' }).click();
  await avi.role('alertdialog').getByRole('button', { name: /^Delete/ }).click();
  await gone(lisa.chat('Balcony'));
  await gone(lisa.composer);
  await shown(lisa.page.getByText(/Balcony.*(deleted|gone)|(deleted|gone).*Balcony/).or(lisa.page.getByText(/deleted/)));
});

browserTest('a new code invalidates the old link', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const room = await avi.account.room('Balcony');
  await avi.open('Balcony');
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'New code' }).click();
  await avi.role('alertdialog').getByRole('button', { name: /code/ }).click();
  await until(async () => (await avi.account.get(`/sessions/${room.id}`)).session.code !== room.code, 'the code is another');
  const lisa = await fixture.person('lisa');
  lisa.expects(/status of 404 .*\/api\/v1\/rooms\//);
  await lisa.go(`/room/${room.code}`);
  await shown(lisa.page.getByText(/no .*room|room .*(not|no longer)/i));
  await gone(lisa.heading('Join “Balcony”'));
});

browserTest('a logged-in user joins with a code from the menu', {}, async (fixture) => {
  const avi = await fixture.server.account('avi');
  const room = await avi.room('Balcony');
  const lisa = await fixture.person('lisa');
  lisa.expects(/status of 404/);
  await lisa.button('New conversation').click();
  await lisa.role('menuitem', 'Join with a code').click();
  await lisa.role('dialog').getByLabel('Room code').fill('2222222222');
  await lisa.role('dialog').getByRole('button', { name: 'Join room' }).click();
  await until(() => lisa.errorOf('Room code'), 'an error beside the code');
  await lisa.role('dialog').getByLabel('Room code').fill(room.code.toLowerCase());
  await lisa.role('dialog').getByRole('button', { name: 'Join room' }).click();
  await shown(lisa.role('main', 'Balcony'));
  await shown(lisa.composer);
  await becomes(async () => (await avi.get(`/sessions/${room.id}`)).session.member_count, 2);
});

browserTest('a room opens although the dialog was closed while it was created', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  await avi.button('New conversation').click();
  await avi.role('menuitem', 'Create a room').click();
  const dialog = avi.role('dialog');
  await dialog.getByRole('textbox').first().fill('Balcony');
  await dialog.evaluate((element) => {
    // As in a browser that is slow to go back: the reply arrives in between.
    const back = history.back.bind(history);
    history.back = () => setTimeout(back, 500);
    element.querySelector('[type=submit]').click();
    element.querySelector('[aria-label=Close]').click();
  });
  await shown(avi.role('main', 'Balcony'));
  await avi.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
  await shown(avi.role('main', 'Balcony'));
});
