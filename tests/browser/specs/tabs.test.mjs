// Two tabs of one user: changes in one show in the other, and neither loses anything.

import assert from 'node:assert/strict';
import { PASSWORD } from '../kit/account.mjs';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { AWAY } from '../kit/person.mjs';
import { browserTest } from '../kit/fixture.mjs';

async function tabs(fixture) {
  const lisa = await fixture.person('lisa');
  const one = await fixture.person('avi');
  const session = await one.account.direct(lisa.account);
  const two = await fixture.tab(one);
  await one.open('lisa');
  await two.open('lisa');
  return { one, two, lisa, session };
}

browserTest('sending, editing and reading in one tab show in the other', {}, async (fixture) => {
  const { one, two, lisa, session } = await tabs(fixture);
  await one.write('from the first tab');
  await shown(two.message('from the first tab'));
  await two.write('from the second tab');
  await shown(one.message('from the second tab'));
  for (const tab of [one, two]) await becomes(() => tab.messages(), ['from the first tab', 'from the second tab']);
  await two.act('from the first tab', 'Delete');
  await two.role('alertdialog').getByRole('button', { name: /^Delete/ }).click();
  await gone(one.message('from the first tab'));

  // Both tabs elsewhere: unread in both, and read in both once read in one.
  await one.account.group('Notes');
  await one.open('Notes');
  await two.open('Notes');
  await lisa.account.send(session, 'hello');
  for (const tab of [one, two]) await shown(tab.chat('lisa', 1));
  await one.page.bringToFront();
  await one.open('lisa');
  for (const tab of [one, two]) await shown(tab.chat('lisa', 0));
});

browserTest('two tabs send the messages that both stored only once', { PARLOR_SENDS_PER_SECOND: '0' }, async (fixture) => {
  const { one, two, lisa, session } = await tabs(fixture);
  for (const person of [one, two, lisa]) person.expects(AWAY);
  await fixture.server.kill();
  await shown(one.banner);
  await one.write('kept by the first');
  await two.write('kept by the second');
  await fixture.server.open();
  for (const tab of [one, two]) {
    await shown(tab.message('kept by the first'));
    await shown(tab.message('kept by the second'));
  }
  await becomes(async () => (await one.account.texts(session)).sort(), ['kept by the first', 'kept by the second']);
  // A tab that is opened later has nothing left to send.
  const three = await fixture.tab(one);
  await three.open('lisa');
  await becomes(async () => (await three.messages()).sort(), ['kept by the first', 'kept by the second']);
  assert.equal((await one.account.texts(session)).length, 2);
});

browserTest('a draft in one tab is not overwritten by the other', {}, async (fixture) => {
  const { one, two } = await tabs(fixture);
  await one.composer.fill('the first thought');
  await two.composer.fill('the second thought');
  await one.composer.press('End');
  await one.composer.pressSequentially(', longer');
  assert.equal(await one.composer.inputValue(), 'the first thought, longer');
  assert.equal(await two.composer.inputValue(), 'the second thought');
});

browserTest('an unsent message of a closed tab is sent by another tab', {}, async (fixture) => {
  const { one, two, lisa, session } = await tabs(fixture);
  for (const person of [one, two, lisa]) person.expects(AWAY);
  await fixture.server.kill();
  await shown(one.banner);
  await one.write('left behind');
  await shown(one.message('left behind'));
  await one.page.close({ runBeforeUnload: true });
  await shown(two.message('left behind'));
  await fixture.server.open();
  await becomes(() => two.account.texts(session), ['left behind']);
});

browserTest('a login in one tab applies to all of them', {}, async (fixture) => {
  await fixture.server.account('avi');
  const one = await fixture.visitor('one');
  const two = await fixture.tab(one);
  await shown(two.heading('Welcome to Parlor'));
  await one.choose('Log in');
  await one.field('Username').fill('avi');
  await one.field('Password').fill(PASSWORD);
  await one.submit('Log in');
  for (const tab of [one, two]) {
    await tab.isIn();
    await shown(tab.page.getByText('@avi'));
  }
});

browserTest('another user’s login in one tab applies to the others', {}, async (fixture) => {
  const { one, two } = await tabs(fixture);
  const mira = await fixture.server.account('mira');
  await one.composer.fill('a secret of avi');
  await one.context.addCookies([{ name: 'parlor_token', value: mira.token, url: one.url, httpOnly: true, sameSite: 'Strict' }]);
  // The address still names a conversation of avi's, which is hidden from mira.
  two.expects(/status of 404 .*\/api\/v1\/sessions\//);
  await two.page.reload();
  await two.isIn();
  // All tabs share the cookie, so the other one would send requests as mira: it becomes hers and shows that.
  await shown(one.page.getByText('mira logged in in another tab'));
  await one.isIn();
  for (const tab of [one, two]) {
    await gone(tab.chat('lisa'));
    await tab.button('Account').click();
    await shown(tab.role('dialog').getByText('@mira'));
    assert.ok(!(await tab.page.evaluate(() => document.body.innerText)).includes('a secret of avi'));
  }
  // Avi's draft is kept for avi.
  await one.context.addCookies([{ name: 'parlor_token', value: one.account.token, url: one.url, httpOnly: true, sameSite: 'Strict' }]);
  await one.page.reload();
  await one.open('lisa');
  await becomes(() => one.composer.inputValue(), 'a secret of avi');
});
