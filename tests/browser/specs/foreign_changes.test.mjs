// Other programs change the page: translators, reading and writing tools, extensions. Nothing throws, and the page shows the
// right heading, texts and deletions.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, until } from '../kit/expect.mjs';
import { changeAtRandom, original, translate, translated } from '../kit/foreign_changes.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** All text of the page, also where it was moved. */
const everything = (person) => person.page.evaluate(() => document.body.textContent);

/** The texts of the open conversation, translated or not. */
const texts = async (person) => (await person.page.locator('.log article .text').allTextContents()).map(original);

const heading = async (person) => original((await person.page.locator('#conversation-title').textContent()) ?? '').trim();

const go = (person, session) => person.page.evaluate((id) => { location.hash = `#/s/${id}`; }, session.id);

browserTest('a translated page shows new, edited and deleted messages and the open conversation', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const one = await lisa.direct(avi.account);
  const two = await avi.account.group('Garden club', [lisa]);
  await lisa.send(two, 'the tomatoes are in');
  const secret = await lisa.send(one, 'my secret number');
  const typo = await lisa.send(one, 'see you at fuor');
  await go(avi, one);
  await becomes(() => texts(avi), ['my secret number', 'see you at fuor']);
  await translate(avi.page);
  await becomes(() => avi.page.locator('#conversation-title').textContent(), translated('lisa'));
  // Unchanged texts keep their translation.
  await lisa.send(one, 'a new one');
  await becomes(() => avi.page.locator('.log article .text').allTextContents(), ['my secret number', 'see you at fuor', 'a new one'].map(translated));
  await lisa.patch(`/sessions/${one.id}/messages/${typo}`, { text: 'see you at four' });
  await becomes(() => texts(avi), ['my secret number', 'see you at four', 'a new one']);
  await lisa.delete(`/sessions/${one.id}/messages/${secret}`);
  await becomes(() => texts(avi), ['Message deleted', 'see you at four', 'a new one']);
  assert.ok(!(await everything(avi)).includes('secret'), 'nothing is left of it');
  assert.ok(!(await everything(avi)).includes('fuor'), 'nor of what was changed');
  await go(avi, two);
  await becomes(() => heading(avi), 'Garden club');
  await becomes(() => texts(avi), ['the tomatoes are in']);
  await lisa.patch(`/sessions/${two.id}`, { title: 'Never' }).catch(() => {});
  await avi.account.patch(`/sessions/${two.id}`, { title: 'Tomato club' });
  await becomes(() => heading(avi), 'Tomato club');
  await avi.page.locator('#composer').fill('I am here');
  await avi.page.locator('#composer').press('Enter');
  await becomes(() => texts(avi), ['the tomatoes are in', 'I am here']);
  await go(avi, one);
  await becomes(() => heading(avi), 'lisa');
  await becomes(() => texts(avi), ['Message deleted', 'see you at four', 'a new one']);
});

browserTest('copies that a bilingual reader inserts are removed with their originals', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await lisa.direct(avi.account);
  const seqs = [];
  for (const text of ['first secret', 'second secret', 'third secret', 'fourth secret']) seqs.push(await lisa.send(session, text));
  await go(avi, session);
  await becomes(() => texts(avi), ['first secret', 'second secret', 'third secret', 'fourth secret']);
  await avi.page.evaluate(() => {
    const put = (place, text) => {
      const font = document.createElement('font');
      font.textContent = `copy of ${text}`;
      place(font);
    };
    // Inside of the text, after it, after the bubble, after the line.
    document.querySelectorAll('.log article').forEach((article, i) => {
      const text = article.querySelector('.text');
      const around = [text, text.parentElement, text.closest('.bubble'), article][i];
      put((font) => around.append(font), text.textContent);
    });
  });
  for (const seq of seqs) await lisa.delete(`/sessions/${session.id}/messages/${seq}`);
  await becomes(() => texts(avi), Array(4).fill('Message deleted'));
  assert.ok(!(await everything(avi)).includes('secret'));
});

browserTest('elements that extensions add beside a field are kept while typing', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi');
  await avi.account.group('Notes');
  await avi.open('Notes');
  await avi.page.evaluate(() => {
    const badge = document.createElement('extension-badge');
    badge.textContent = 'ok';
    document.getElementById('composer').after(badge);
  });
  await avi.composer.pressSequentially('hello');
  assert.equal(await avi.page.locator('extension-badge').count(), 1);
  assert.equal(await avi.composer.inputValue(), 'hello');
  assert.equal(await avi.page.evaluate(() => document.activeElement.id), 'composer', 'the field keeps the focus');
});

const { SEEDS = '1 2 3 4' } = process.env;
for (const seed of SEEDS.split(' ').map(Number)) {
  browserTest(`after random foreign changes the page shows the right content (${seed})`, UNHURRIED, async (fixture) => {
    const lisa = await fixture.server.account('lisa');
    const avi = await fixture.person('avi');
    const sessions = [await lisa.direct(avi.account), await avi.account.group('Garden club', [lisa]), await avi.account.group('Film night', [lisa])];
    const titles = ['lisa', 'Garden club', 'Film night'];
    const truth = sessions.map(() => []);
    let count = 0;
    const send = async (at) => {
      count += 1;
      const text = `text-${count}-${'abc'[at]}`;
      truth[at].push({ seq: await lisa.send(sessions[at], text), text });
    };
    for (let at = 0; at < 3; at += 1) for (let i = 0; i < 4; i += 1) await send(at);
    const gone = [];
    for (let round = 0; round < 9; round += 1) {
      const at = round % 3;
      await go(avi, sessions[at]);
      await becomes(() => heading(avi), titles[at]);
      // Random changes to the page; then all data that was there changes.
      await becomes(async () => (await texts(avi)).slice(-truth[at].length), truth[at].map(({ text }) => text));
      await changeAtRandom(avi.page, seed * 1000 + round, 12);
      await send(at);
      const edited = truth[at][1];
      gone.push(edited.text);
      edited.text = `edited-${round}-${'abc'[at]}`;
      await lisa.patch(`/sessions/${sessions[at].id}/messages/${edited.seq}`, { text: edited.text });
      const deleted = truth[at].splice(0, 1)[0];
      gone.push(deleted.text);
      await lisa.delete(`/sessions/${sessions[at].id}/messages/${deleted.seq}`);
      await until(async () => {
        const there = await everything(avi);
        return gone.every((text) => !new RegExp(`${text}(?!\\d)`).test(there));
      }, `round ${round}: nothing is left of what was deleted or changed: ${gone}`);
      // The newest and the changed messages are shown.
      await becomes(async () => (await texts(avi)).filter((text) => text === edited.text).length, 1);
    }
    // After a full render everything is right.
    for (let at = 0; at < 3; at += 1) {
      await go(avi, sessions[at]);
      await becomes(() => heading(avi), titles[at]);
      await becomes(async () => (await texts(avi)).filter((text) => text !== 'Message deleted'), truth[at].map(({ text }) => text));
    }
  });
}
