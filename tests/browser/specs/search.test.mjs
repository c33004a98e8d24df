// Searching messages, and opening hits.

import assert from 'node:assert/strict';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

const UNHURRIED = { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0' };

async function look(person, query) {
  await person.tab('Search').click();
  await person.role('searchbox', 'Search messages').or(person.role('textbox', 'Search messages')).fill(query);
}

/** The search index lags by about a second. */
function indexed(account, query, count) {
  return until(async () => (await account.get(`/search?q=${encodeURIComponent(query)}`)).messages.length === count, `${query} can be found`);
}

browserTest('a search hit leads to its message, far back, and then to the newest one', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await avi.account.direct(lisa);
  const socket = await lisa.connect();
  const texts = Array.from({ length: 1500 }, (_, i) => (i === 200 ? 'the rhubarb is in the cellar' : `message number ${i + 1}`));
  await socket.sendAll(session, texts);
  await indexed(avi.account, 'rhubarb', 1);
  await look(avi, 'rhubarb');
  const hit = avi.page.getByRole('link').filter({ has: avi.page.locator('mark', { hasText: 'rhubarb' }) });
  await shown(hit);
  await hit.click();
  const message = avi.message('the rhubarb is in the cellar');
  await shown(message);
  await until(() => message.evaluate((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }), 'it is visible');
  await becomes(() => message.evaluate((row) => row.contains(document.activeElement)), true);
  await shown(avi.message(/^message number 200$/));
  // New messages do not disturb, and are there on return.
  await lisa.send(session, 'are you there?');
  await gone(avi.message('are you there?'));
  await avi.button(/Newest messages/).click();
  await shown(avi.message('are you there?'));
});

browserTest('a search can be limited to one conversation', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi');
  const garden = await avi.account.group('Garden');
  const kitchen = await avi.account.group('Kitchen');
  await avi.account.send(garden, 'thyme grows here');
  await avi.account.send(kitchen, 'thyme goes into the soup');
  await indexed(avi.account, 'thyme', 2);
  await avi.open('Garden');
  await look(avi, 'thyme');
  const hits = avi.page.getByRole('link').filter({ has: avi.page.locator('mark') });
  await becomes(() => hits.count(), 2);
  await avi.button('Search in this conversation').click();
  await look(avi, 'thyme');
  await becomes(() => hits.count(), 1);
  await shown(hits.filter({ hasText: 'grows here' }));
});

browserTest('a search without hits and an invalid search are reported', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi');
  await look(avi, 'rhubarb');
  await shown(avi.page.getByText(/(nothing|no messages?|not) .*found|found nothing|no .*match/i));
});

browserTest('many hits are loaded in pages', UNHURRIED, async (fixture) => {
  const avi = await fixture.person('avi');
  const garden = await avi.account.group('Garden');
  const socket = await avi.account.connect();
  await socket.sendAll(garden, Array.from({ length: 120 }, (_, i) => `tomato ${i + 1}`));
  await until(async () => (await avi.account.get('/search?q=tomato&limit=200')).messages.length === 120, 'all can be found');
  await look(avi, 'tomato');
  const hits = avi.page.getByRole('link').filter({ has: avi.page.locator('mark', { hasText: 'tomato' }) });
  await shown(hits);
  const first = await hits.count();
  assert.ok(first < 120, `${first} at once`);
  await until(async () => {
    const more = avi.button(/more/i);
    if (await more.count()) await more.first().click();
    else await hits.last().scrollIntoViewIfNeeded();
    return (await hits.count()) === 120;
  }, 'all results come');
});
