// Presence, the directory, and how two users start to talk: writing, inviting, accepting, rejecting.

import assert from 'node:assert/strict';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** A short grace period, so that tests need not wait for it. */
const QUICK = { PARLOR_PRESENCE_GRACE_SECONDS: '1' };

/** The user's row in the tab "People". */
function line(person, name) {
  return person.role('list', 'People').getByRole('listitem').filter({ hasText: name });
}

/** The colour of a text as `[red, green, blue]`. */
async function colour(locator) {
  const text = await locator.first().evaluate((element) => getComputedStyle(element).color);
  return text.match(/\d+/g).slice(0, 3).map(Number);
}

/** The invite of a user. A new one is shown twice: as a card and in the list. */
function invitation(person, from) {
  return person.invitations.getByRole('group', { name: `Invitation from ${from}` });
}

/** Pending invites. */
async function pending(account, direction) {
  const { invites } = await account.get(`/invites?direction=${direction}`);
  return invites.filter((invite) => invite.state === 'pending').length;
}

async function find(person, name) {
  await person.tab('People').click();
  await person.role('searchbox', 'Find a person').fill(name);
}

/** Only accepted users may write. */
async function reserved(server, username) {
  const account = await server.account(username);
  await account.patch('/me', { accepts: 'invited' });
  return account;
}

browserTest('contacts are shown online in green or offline with the time they were last seen', QUICK, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  await avi.account.direct(lisa);
  await avi.tab('People').click();
  await shown(line(avi, 'lisa').getByText(/^offline/));
  const [red, green, blue] = await colour(line(avi, 'lisa').getByText(/^offline/));
  assert.ok(Math.max(red, green, blue) - Math.min(red, green, blue) < 40, `offline is muted: ${[red, green, blue]}`);

  const socket = await lisa.connect();
  await shown(line(avi, 'lisa').getByText('online', { exact: true }));
  const online = await colour(line(avi, 'lisa').getByText('online', { exact: true }));
  assert.ok(online[1] > online[0] + 30 && online[1] > online[2] + 10, `online is green: ${online}`);

  await socket.close();
  await shown(line(avi, 'lisa').getByText(/^offline, last seen /));
});

browserTest('a user is found and gets a message', {}, async (fixture) => {
  const lisa = await fixture.person('lisa');
  const avi = await fixture.person('avi');
  await fixture.server.account('mira');
  await find(avi, 'lis');
  await shown(line(avi, 'lisa'));
  await gone(line(avi, 'mira'));
  await line(avi, 'lisa').getByRole('button', { name: 'Send message' }).click();
  await avi.write('hello lisa');
  await shown(lisa.chat('avi'));
  await lisa.open('avi');
  await shown(lisa.message('hello lisa'));
});

browserTest('an unknown name is reported', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  await find(avi, 'zzzz-unknown');
  await shown(avi.page.getByText(/(nobody|no one|no person|not found)/i));
});

browserTest('an invite pops up with accept and reject, and does not take the focus', {}, async (fixture) => {
  const lisa = await fixture.person('lisa', { account: await reserved(fixture.server, 'lisa') });
  const group = await lisa.account.group('Notes');
  await lisa.open('Notes');
  await lisa.composer.fill('in the middle of ');
  const avi = await fixture.person('avi');
  await find(avi, 'lisa');
  // Writing to a user who accepts only invited conversations sends an invite.
  await line(avi, 'lisa').getByRole('button', { name: 'Send message' }).click();
  const invite = invitation(lisa, 'avi');
  await shown(invite);
  await shown(invite.getByRole('button', { name: 'Reject' }));
  assert.ok(await lisa.composer.evaluate((field) => field === document.activeElement), 'the composer keeps the focus');
  await lisa.composer.pressSequentially('a thought');
  await lisa.composer.press('Enter');
  await becomes(() => lisa.account.texts(group), ['in the middle of a thought']);

  await invite.getByRole('button', { name: 'Accept' }).first().click();
  await gone(invite);
  await avi.tab('Chats').click();
  await shown(avi.chat('lisa'));
  await avi.open('lisa');
  await avi.write('thank you');
  await lisa.open('avi');
  await shown(lisa.message('thank you'));
});

browserTest('a rejected invite is removed on both sides and opens nothing', {}, async (fixture) => {
  const lisa = await fixture.person('lisa', { account: await reserved(fixture.server, 'lisa') });
  const avi = await fixture.person('avi');
  await avi.account.post('/invites', { username: 'lisa' });
  const invite = invitation(lisa, 'avi');
  await invite.getByRole('button', { name: 'Reject' }).first().click();
  await gone(invite);
  await becomes(() => pending(lisa.account, 'in'), 0);
  await gone(lisa.chat('avi'));
  await avi.tab('People').click();
  await gone(avi.button('Withdraw'));
});

browserTest('an invite sent while offline is pending', {}, async (fixture) => {
  const account = await reserved(fixture.server, 'lisa');
  const avi = await fixture.server.account('avi');
  await avi.post('/invites', { username: 'lisa' });
  const mira = await fixture.server.account('mira');
  const garden = await mira.group('Garden club');
  await mira.post('/invites', { username: 'lisa', session: garden.id });

  const lisa = await fixture.person('lisa', { account });
  await shown(invitation(lisa, 'avi'));
  const invite = invitation(lisa, 'mira');
  await shown(invite.getByText('Garden club'));
  await invite.getByRole('button', { name: 'Accept' }).first().click();
  await shown(lisa.chat('Garden club'));
  await until(async () => (await mira.get(`/sessions/${garden.id}/members`)).members.length === 2, 'lisa is a member');
});

browserTest('a withdrawn invite is removed for the recipient', {}, async (fixture) => {
  const lisa = await fixture.person('lisa', { account: await reserved(fixture.server, 'lisa') });
  const avi = await fixture.person('avi');
  await avi.account.post('/invites', { username: 'lisa' });
  await shown(invitation(lisa, 'avi'));
  await find(avi, 'lisa');
  await avi.button('Withdraw').first().click();
  await becomes(() => pending(avi.account, 'out'), 0);
  await lisa.page.reload();
  await lisa.isIn();
  await gone(invitation(lisa, 'avi'));
});

browserTest('blocking closes the composer and explains the consequences', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  await avi.account.direct(lisa);
  await avi.open('lisa');
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Block', exact: true }).click();
  const question = avi.role('alertdialog');
  await shown(question.getByText(/messages they send you are refused.*In groups and rooms/));
  await question.getByRole('button', { name: 'Block', exact: true }).click();
  await shown(avi.details.getByRole('button', { name: 'Unblock' }));
  assert.equal((await avi.account.get('/blocks')).blocks.length, 1);
  await gone(avi.composer);
  await avi.button('Close details').or(avi.role('link', 'Close details')).click();
  await shown(avi.role('main', 'lisa').getByText('You blocked lisa. Unblock to send messages.'));
  // The same after a reload.
  await avi.page.reload();
  await shown(avi.role('main', 'lisa').getByText('You blocked lisa. Unblock to send messages.'));
  await avi.role('main', 'lisa').getByRole('button', { name: 'Unblock' }).click();
  await shown(avi.composer);
  assert.equal((await avi.account.get('/blocks')).blocks.length, 0);
});

browserTest('a user with another’s display name is distinguished by username', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const mallory = await fixture.server.account('mallory');
  await mallory.patch('/me', { display_name: 'lisa' });
  const account = await reserved(fixture.server, 'avi');
  await lisa.post('/invites', { username: 'avi' });
  await mallory.post('/invites', { username: 'avi' });
  const avi = await fixture.person('avi', { account });
  await becomes(() => avi.invitations.getByText(/^@/).allInnerTexts().then((texts) => texts.sort()), ['@lisa', '@mallory']);
  for (const name of ['@lisa', '@mallory']) {
    await avi.invitations.getByRole('group').filter({ hasText: name }).getByRole('button', { name: 'Accept' }).click();
    await shown(avi.chat(`lisa (${name})`));
    await shown(avi.role('main', `lisa (${name})`).locator('header').getByText(name, { exact: true }));
  }
  // In the picker, too.
  await avi.button('New conversation').click();
  await avi.role('menuitem', 'Create a group').click();
  await avi.role('dialog').getByRole('combobox').fill('lisa');
  await shown(avi.role('dialog').getByRole('option', { name: /@mallory/ }));
  await shown(avi.role('dialog').getByRole('option', { name: /@lisa/ }));
});

browserTest('pressing a user opens the conversation, or the profile if there is none', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const mira = await fixture.server.account('mira');
  const avi = await fixture.person('avi');
  await avi.account.direct(lisa);
  const club = await lisa.group('Garden club', [avi.account, mira]);
  await mira.send(club, 'hello from mira');
  await shown(avi.chat('Garden club'));
  await avi.tab('People').click();
  await line(avi, 'lisa').locator('.avatar').click();
  await shown(avi.role('main', 'lisa'));
  await line(avi, 'mira').getByText('@mira').click();
  const profile = avi.role('dialog', 'Profile');
  await shown(profile.getByText('@mira'));
  // Opening the conversation does not create it for the other user.
  assert.equal((await mira.get('/sessions')).sessions.filter((one) => one.kind === 'direct').length, 0);
  await profile.getByRole('button', { name: 'Close' }).click();

  await avi.tab('Chats').click();
  await avi.open('Garden club');
  await avi.log.getByText('mira', { exact: true }).click();
  await profile.getByRole('button', { name: 'Send message' }).click();
  await shown(avi.role('main', 'mira'));
  // For the keyboard it is in the message's menu.
  await avi.open('Garden club');
  await avi.act('hello from mira', 'View profile');
  await shown(profile.getByText('@mira'));
});

browserTest('a user is blocked and unblocked', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  await avi.account.direct(lisa);
  await avi.open('lisa');
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Block', exact: true }).click();
  // There may be a confirmation.
  const sure = avi.role('alertdialog').or(avi.role('dialog')).getByRole('button', { name: /^Block/ });
  const unblock = avi.details.getByRole('button', { name: 'Unblock' });
  await shown(sure.or(unblock));
  if (await sure.isVisible()) await sure.click();
  await shown(unblock);
  assert.equal((await avi.account.get('/blocks')).blocks.length, 1);
  await unblock.click();
  await shown(avi.details.getByRole('button', { name: 'Block', exact: true }));
  assert.equal((await avi.account.get('/blocks')).blocks.length, 0);
});
