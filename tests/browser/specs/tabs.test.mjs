// Two tabs of one person: what is done in one shows in the other, and neither takes anything from the other.

import assert from 'node:assert/strict';
import { PASSWORD } from '../kit/account.mjs';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { AWAY } from '../kit/person.mjs';
import { scene } from '../kit/stage.mjs';

async function tabs(stage) {
  const lisa = await stage.person('lisa');
  const one = await stage.person('avi');
  const session = await one.account.direct(lisa.account);
  const two = await stage.tab(one);
  await one.open('lisa');
  await two.open('lisa');
  return { one, two, lisa, session };
}

scene('what is sent, changed and read in one tab is so in the other', {}, async (stage) => {
  const { one, two, lisa, session } = await tabs(stage);
  await one.write('from the first tab');
  await shown(two.message('from the first tab'));
  await two.write('from the second tab');
  await shown(one.message('from the second tab'));
  for (const tab of [one, two]) await becomes(() => tab.messages(), ['from the first tab', 'from the second tab']);
  await two.act('from the first tab', 'Delete');
  await two.role('alertdialog').getByRole('button', { name: /^Delete/ }).click();
  await gone(one.message('from the first tab'));

  // Both tabs elsewhere: unread in both, read in both as soon as it is read in one.
  await one.account.group('Notes');
  await one.open('Notes');
  await two.open('Notes');
  await lisa.account.say(session, 'hello');
  for (const tab of [one, two]) await shown(tab.chat('lisa', 1));
  await one.page.bringToFront();
  await one.open('lisa');
  for (const tab of [one, two]) await shown(tab.chat('lisa', 0));
});

scene('two tabs send what both kept while the server was away only once', { PARLOR_SENDS_PER_SECOND: '0' }, async (stage) => {
  const { one, two, lisa, session } = await tabs(stage);
  for (const person of [one, two, lisa]) person.expects(AWAY);
  await stage.server.kill();
  await shown(one.banner);
  await one.write('kept by the first');
  await two.write('kept by the second');
  await stage.server.open();
  for (const tab of [one, two]) {
    await shown(tab.message('kept by the first'));
    await shown(tab.message('kept by the second'));
  }
  await becomes(async () => (await one.account.texts(session)).sort(), ['kept by the first', 'kept by the second']);
  // A tab that is opened later finds nothing left to send.
  const three = await stage.tab(one);
  await three.open('lisa');
  await becomes(async () => (await three.messages()).sort(), ['kept by the first', 'kept by the second']);
  assert.equal((await one.account.texts(session)).length, 2);
});

scene('a draft in one tab is not overwritten by the other', {}, async (stage) => {
  const { one, two } = await tabs(stage);
  await one.composer.fill('the first thought');
  await two.composer.fill('the second thought');
  await one.composer.press('End');
  await one.composer.pressSequentially(', longer');
  assert.equal(await one.composer.inputValue(), 'the first thought, longer');
  assert.equal(await two.composer.inputValue(), 'the second thought');
});

scene('a message that a closed tab has not sent is sent by another one', {}, async (stage) => {
  const { one, two, lisa, session } = await tabs(stage);
  for (const person of [one, two, lisa]) person.expects(AWAY);
  await stage.server.kill();
  await shown(one.banner);
  await one.write('left behind');
  await shown(one.message('left behind'));
  await one.page.close({ runBeforeUnload: true });
  await shown(two.message('left behind'));
  await stage.server.open();
  await becomes(() => two.account.texts(session), ['left behind']);
});

scene('who comes in in one tab is in in all of them', {}, async (stage) => {
  await stage.server.account('avi');
  const one = await stage.visitor('one');
  const two = await stage.tab(one);
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

scene('another person who logs in in one tab takes over the others', {}, async (stage) => {
  const { one, two } = await tabs(stage);
  const mira = await stage.server.account('mira');
  await one.composer.fill('a secret of avi');
  await one.context.addCookies([{ name: 'parlor_token', value: mira.token, url: one.url, httpOnly: true, sameSite: 'Strict' }]);
  // The address still names a conversation of avi's, which mira is told nothing about.
  two.expects(/status of 404 .*\/api\/v1\/sessions\//);
  await two.page.reload();
  await two.isIn();
  // The cookie is that of all tabs, so the other one would ask in her name: it becomes hers, and says so.
  await shown(one.page.getByText('mira logged in in another tab'));
  await one.isIn();
  for (const tab of [one, two]) {
    await gone(tab.chat('lisa'));
    await tab.button('Account').click();
    await shown(tab.role('dialog').getByText('@mira'));
    assert.ok(!(await tab.page.evaluate(() => document.body.innerText)).includes('a secret of avi'));
  }
  // What avi was writing waits for avi.
  await one.context.addCookies([{ name: 'parlor_token', value: one.account.token, url: one.url, httpOnly: true, sameSite: 'Strict' }]);
  await one.page.reload();
  await one.open('lisa');
  await becomes(() => one.composer.inputValue(), 'a secret of avi');
});
