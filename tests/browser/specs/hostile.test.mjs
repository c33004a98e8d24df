// A hundred hostile strings in every field. No code runs, no dialog opens, no policy is violated (the fixture checks these two on
// every page), the layout holds, and texts are shown unchanged.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { shown, until } from '../kit/expect.mjs';
import { HOSTILE, NO_EMOJI } from '../kit/hostile.mjs';
import { overflowing } from '../kit/layout.mjs';
import { browserTest } from '../kit/fixture.mjs';

const SETTINGS = { ...UNHURRIED, PARLOR_ROOM_MISSES: '0', PARLOR_TOTAL_ROOM_MISSES: '0', PARLOR_SESSIONS_PER_MINUTE: '0', PARLOR_ACCOUNTS_PER_MINUTE: '0', PARLOR_SEARCHES_PER_SECOND: '0' };

/** No script ran, nothing overflows. */
async function whole(person, where) {
  assert.equal(await person.page.evaluate(() => window.broken), undefined, `code ran: ${where}`);
  assert.deepEqual(await overflowing(person.page), [], where);
}

/** The strings of a list that the server accepts; refused ones never reach a page. */
async function taken(strings, use) {
  const kept = [];
  for (const text of strings) {
    try {
      await use(text);
      kept.push(text);
    } catch (refused) {
      if (!/: (400|413|429) /.test(refused.message)) throw refused;
      assert.ok(!/: 429 /.test(refused.message), refused.message);
    }
  }
  assert.ok(kept.length >= strings.length * 0.8, `only ${kept.length} of ${strings.length} were taken`);
  return kept;
}

/** Without lone surrogates, which no address can contain. */
function wellFormed(text) {
  return text.replace(/[\uD800-\uDFFF]/gu, '');
}

/** Whether there is something visible; other texts are no messages. */
const isVisible = (text) => !/^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);

/** Each text is shown as it was sent. Line ends and invisible marks count, so text contents are compared. */
async function allThere(locator, texts, where) {
  await until(async () => {
    const there = await locator.allTextContents();
    return texts.every((text) => there.some((content) => content.includes(text)));
  }, `${where}: every text unchanged`);
}

for (const width of [1280, 320]) {
  browserTest(`hostile strings as messages, at ${width} pixels`, SETTINGS, async (fixture) => {
    const lisa = await fixture.server.account('lisa');
    const avi = await fixture.person('avi', { viewport: { width, height: 800 } });
    const session = await lisa.direct(avi.account);
    const sent = await taken(HOSTILE, (text) => lisa.send(session, text));
    await lisa.send(session, '@avi the last one', { reply_to: 1 });
    await avi.go(`/#/s/${session.id}`);
    await shown(avi.message('the last one'));
    const missing = new Set(sent);
    await avi.log.hover();
    await until(async () => {
      for (const text of await avi.log.locator('article .text').allTextContents()) missing.delete(text);
      await whole(avi, 'messages');
      await avi.page.mouse.wheel(0, -600);
      return missing.size === 0;
    }, `all are shown; missing: ${[...missing]}`, 60_000);
    const links = await avi.log.getByRole('link').evaluateAll((all) => all.map((link) => link.href));
    for (const link of links) assert.match(link, /^https?:\/\//);
  });
}

browserTest('hostile strings typed into the composer', SETTINGS, async (fixture) => {
  const avi = await fixture.person('avi');
  const notes = await avi.account.group('Notes');
  await avi.open('Notes');
  const typed = HOSTILE.filter((text) => isVisible(text) && !/[\uD800-\uDFFF]|\t|\u2028/u.test(text));
  for (const text of typed) await avi.write(text);
  await until(async () => (await avi.account.texts(notes)).length >= typed.length, 'all are kept', 60_000);
  assert.deepEqual(await avi.account.texts(notes), typed.map((text) => text.trim()));
  await whole(avi, 'composer');
});

for (const width of [1280, 320]) {
  browserTest(`hostile strings as titles of groups, at ${width} pixels`, SETTINGS, async (fixture) => {
    const avi = await fixture.person('avi', { viewport: { width, height: 800 } });
    const titles = await taken(HOSTILE, (text) => avi.account.group(text));
    await avi.page.reload();
    await avi.isIn();
    await until(async () => {
      await avi.chats.getByRole('link').last().scrollIntoViewIfNeeded();
      return (await avi.chats.getByRole('link').count()) >= titles.length;
    }, 'all conversations are listed');
    await whole(avi, 'list of conversations');
    for (const { id } of (await avi.account.get('/sessions?limit=200')).sessions.filter((_, i) => i % 6 === 0)) {
      await avi.go(`/#/s/${id}/about`);
      await shown(avi.details);
      await whole(avi, `details of ${id}`);
    }
  });
}

for (const width of [1280, 320]) {
  browserTest(`hostile strings as display names, at ${width} pixels`, SETTINGS, async (fixture) => {
    const avi = await fixture.person('avi', { viewport: { width, height: 800 } });
    const room = await avi.account.room('Room');
    const guests = [];
    const names = await taken(HOSTILE, async (text) => {
      const guest = await fixture.server.guest(`guest-${guests.length + 1000}`);
      guests.push(guest);
      await guest.patch('/me', { display_name: text });
      await guest.join(room.code);
    });
    await guests.at(-1).send(room, 'hello');
    await guests[0].post('/invites', { username: 'avi' });
    await avi.go(`/#/s/${room.id}/about`);
    await shown(avi.details);
    await allThere(avi.details.getByRole('list', { name: 'Members' }).getByRole('listitem'), names.map((name) => name.trim()).filter((name) => !/\s/.test(name)), 'members');
    await whole(avi, 'members');
    await avi.page.goto('about:blank');
    await avi.go(`/#/s/${room.id}`);
    await shown(avi.message('hello'));
    await whole(avi, 'notices');
    await avi.page.goto('about:blank');
    await avi.go('/');
    await avi.tab('People').click();
    await shown(avi.role('list', 'People').getByRole('listitem'));
    await whole(avi, 'people');
  });
}

browserTest('hostile strings as reactions', SETTINGS, async (fixture) => {
  const avi = await fixture.person('avi');
  const notes = await avi.account.group('Notes');
  const seq = await avi.account.send(notes, 'react to this');
  let kept = 0;
  for (const emoji of [...NO_EMOJI, ...HOSTILE].map(wellFormed)) {
    kept += await avi.account.put(`/sessions/${notes.id}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`).then(() => 1, () => 0);
  }
  fixture.t.diagnostic(`${kept} of them pass for an emoji`);
  await avi.open('Notes');
  await shown(avi.message('react to this'));
  await whole(avi, 'reactions');
  await avi.act('react to this', 'React');
  const field = avi.role('dialog', 'React').getByRole('textbox');
  for (const text of [...NO_EMOJI, ...HOSTILE.filter((_, i) => i % 3 === 0)]) {
    // A valid emoji closes the picker.
    if (!(await field.isVisible())) await avi.act('react to this', 'React');
    await field.fill(text);
    await field.press('Enter');
    await whole(avi, `emoji ${text}`);
  }
});

browserTest('hostile strings as search terms, for messages and for people', SETTINGS, async (fixture) => {
  const avi = await fixture.person('avi');
  avi.expects(/status of (400|404) .*\/api\/v1\/users/);
  const notes = await avi.account.group('Notes');
  for (const text of HOSTILE.slice(0, 20)) await avi.account.send(notes, text);
  await avi.tab('Search').click();
  const messages = avi.role('searchbox', 'Search messages').or(avi.role('textbox', 'Search messages'));
  for (const text of HOSTILE) {
    await messages.fill(text);
    await messages.press('Enter');
    await whole(avi, `search for ${text}`);
  }
  await messages.fill('script');
  await shown(avi.page.locator('mark'));
  await avi.tab('People').click();
  for (const text of HOSTILE) {
    await avi.role('searchbox', 'Find a person').fill(text);
    await whole(avi, `people like ${text}`);
  }
});

browserTest('hostile strings as room codes, in the address and in the field', SETTINGS, async (fixture) => {
  const visitor = await fixture.visitor('visitor');
  visitor.expects(/status of (400|404|405|414) /);
  for (const text of HOSTILE.filter((_, i) => i % 4 === 0)) {
    await visitor.go(`/room/${encodeURIComponent(wellFormed(text))}`);
    await whole(visitor, `link with ${text}`);
  }
  await visitor.go('/');
  await visitor.choose('Join with a code');
  for (const text of HOSTILE.filter((_, i) => i % 2 === 0)) {
    await visitor.field('Your name').fill(text);
    await visitor.field('Room code').fill(text);
    await visitor.submit('Join room');
    await until(() => visitor.errorOf('Room code').then((error) => error || visitor.errorOf('Your name')), `an error about ${text}`);
    await whole(visitor, `code ${text}`);
  }
});

browserTest('hostile strings as titles and names on a room link', SETTINGS, async (fixture) => {
  const avi = await fixture.server.account('avi');
  const lisa = await fixture.visitor('lisa', { viewport: { width: 320, height: 700 } });
  let looked = 0;
  for (const text of HOSTILE.filter((_, i) => i % 5 === 0)) {
    let room;
    try {
      room = await avi.room(text);
    } catch {
      continue;
    }
    await lisa.go(`/room/${room.code}`);
    await shown(lisa.page.getByRole('heading', { name: /^Join “/ }));
    await whole(lisa, `room called ${text}`);
    looked += 1;
  }
  assert.ok(looked > 15, `${looked} rooms`);
});
