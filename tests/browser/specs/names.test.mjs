// Users named like properties of JavaScript objects, and data that cannot be drawn: neither affects the rest of the page.

import assert from 'node:assert/strict';
import { HOSTILE, USERNAMES } from '../../client/names.mjs';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

const SETTINGS = {
  ...UNHURRIED, PARLOR_ACCOUNTS_PER_MINUTE: '0', PARLOR_SESSIONS_PER_MINUTE: '0', PARLOR_LOBBY_SENDS_PER_SECOND: '0', PARLOR_LOBBY_LOGIN_SECONDS: '600',
};

/** Names that the server reserves. */
const RESERVED = ['null'];

/** The lobby as the server names it. */
const lobbyOf = async (account) => (await account.get('/sessions?limit=200')).sessions.find(({ kind }) => kind === 'lobby');

browserTest('guests with names of object properties write, are seen typing, read, and are found', SETTINGS, async (fixture) => {
  const avi = await fixture.person('avi');
  const lobby = await lobbyOf(avi.account);
  const guests = [];
  for (const name of USERNAMES.filter((one) => !RESERVED.includes(one))) {
    const guest = await fixture.server.guest(name);
    guests.push(guest);
    const session = await guest.direct(avi.account);
    await guest.send(session, `hello, I am ${name}`);
    await guest.send(lobby, `${name} is here`);
    await shown(avi.chat(name, 1));
  }
  await avi.page.reload();
  await avi.isIn();
  for (const guest of guests) await shown(avi.row(guest.username).getByText(`hello, I am ${guest.username}`));
  await gone(avi.page.getByText('Loading conversations…'));
  await avi.open(lobby.title);
  for (const guest of guests) await shown(avi.message(`${guest.username} is here`));
  // One of them with all features: typing, presence, marks, mention, reaction.
  const [guest] = guests.filter(({ username }) => username === 'toString');
  const session = await guest.direct(avi.account);
  const socket = await guest.connect();
  await avi.open('toString');
  await avi.write('good evening');
  const status = avi.message('good evening').locator('.status');
  await shown(status.getByText('Sent', { exact: true }));
  await socket.request({ type: 'typing', session: session.id });
  await shown(avi.role('main', 'toString').getByText('toString is typing…'));
  await guest.put(`/sessions/${session.id}/read`, { seq: 2 });
  await shown(status.getByText('Read', { exact: true }));
  await guest.put(`/sessions/${session.id}/messages/2/reactions/${encodeURIComponent('👍')}`);
  await shown(avi.message('good evening').getByRole('button', { name: '👍 1, toString' }));
  await shown(avi.role('main', 'toString').getByText('online', { exact: true }));
  await socket.close();
  await avi.tab('People').click();
  for (const { username } of guests) await shown(avi.role('list', 'People').getByRole('listitem').filter({ hasText: username }));
});

browserTest('titles, display names, texts, drafts and searches may be names of object properties', SETTINGS, async (fixture) => {
  const account = await fixture.server.account('avi');
  const names = HOSTILE.filter(Boolean);
  const groups = [];
  for (const name of names) {
    const guest = await fixture.server.guest(`guest-${groups.length}`);
    await guest.patch('/me', { display_name: name });
    const room = await account.room(name);
    await guest.join(room.code);
    await guest.send(room, name);
    groups.push(room);
  }
  const avi = await fixture.person('avi', { account });
  for (const name of names) await shown(avi.chat(name));
  for (const name of ['constructor', '__proto__', 'undefined']) {
    await avi.open(name);
    await shown(avi.message(name));
    await avi.composer.fill(`about ${name}`);
    await avi.showDetails();
    await shown(avi.details.getByRole('list', { name: 'Members' }).getByRole('listitem').filter({ hasText: name }));
  }
  await avi.open('valueOf');
  await shown(avi.row('__proto__').getByText('about __proto__'));
  await until(() => avi.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft:')).length >= 3), 'what was typed is kept');
  await avi.page.reload();
  await avi.isIn();
  await shown(avi.row('__proto__').getByText('about __proto__'));
  await avi.tab('Search').click();
  await avi.role('searchbox', 'Search messages').fill('constructor');
  await shown(avi.role('list', 'Search results').getByRole('listitem'));
});

browserTest('an address or stored entry with the name of an object property does no harm', SETTINGS, async (fixture) => {
  const avi = await fixture.person('avi');
  const notes = await avi.account.group('Notes');
  for (const name of ['constructor', 'valueof', 'tostring']) {
    await avi.go(`/#/s/${name}`);
    await shown(avi.heading('Conversation not found'));
  }
  await avi.page.evaluate((id) => {
    const place = `parlor:${id}:`;
    for (const name of ['constructor', '__proto__', 'toString']) localStorage.setItem(`${place}draft:${name}`, '{"text":"half"}');
    for (const [i, wrong] of ['5', '"text"', '[]', '{"text":7}', '{}', 'no JSON', '{"text":"x","before":3}'].entries()) {
      localStorage.setItem(`${place}draft:wrong-${i}`, wrong);
      localStorage.setItem(`${place}outbox:wrong-${i}`, wrong);
    }
  }, avi.account.user.id);
  await avi.go('/');
  await avi.page.reload();
  await avi.isIn();
  await avi.open(notes.title);
  await avi.write('all is well');
  await shown(avi.message('all is well').getByText('Sent', { exact: true }));
});

/** Changes frames before the page receives them. */
async function twist(person, change) {
  await person.page.routeWebSocket(/\/api\/v1\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(JSON.stringify(JSON.parse(text, change))));
  });
}

browserTest('data that cannot be drawn does not affect the rest of the page', SETTINGS, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const account = await fixture.server.account('avi');
  const mira = await fixture.server.account('mira');
  const poisoned = await account.direct(lisa);
  for (const text of ['before', 'poison', 'after']) await lisa.send(poisoned, text);
  const group = await account.group('Good group', [lisa, mira]);
  await mira.send(group, 'fine');
  await lisa.send(group, 'fine as well');
  const avi = await fixture.visitor('avi', { account, path: null });
  avi.expects(/Invalid time value|Cannot read properties of/);
  await twist(avi, (key, value) => {
    if (value?.text === 'poison') return { ...value, at: 'never' };
    if (value?.username === 'mira' && value.display_name) return { ...value, display_name: null };
    return value;
  });
  await avi.go('/');
  await avi.isIn();
  await avi.open('lisa');
  await shown(avi.message('before'));
  await shown(avi.message('after'));
  await shown(avi.log.getByText('This message cannot be shown.'));
  await avi.write('and on it goes');
  await shown(avi.message('and on it goes').getByText('Sent', { exact: true }));
  // A row of the list, an area of the page.
  await lisa.send(poisoned, 'poison');
  await shown(avi.chats.getByText('This conversation cannot be shown.'));
  await shown(avi.chat('Good group'));
  await avi.open('Good group');
  await avi.showDetails();
  await shown(avi.details.getByText('This entry cannot be shown.'));
  await shown(avi.details.getByRole('listitem').filter({ hasText: 'lisa' }));
  await avi.tab('People').click();
  await shown(avi.role('list', 'People').getByRole('listitem').filter({ hasText: 'lisa' }));
  await avi.write('still here');
  await shown(avi.message('still here').getByText('Sent', { exact: true }));
  assert.ok(await avi.page.evaluate(() => document.querySelectorAll('.unshown').length) > 0);
});

browserTest('an area that cannot be drawn shows an error, and the others work', SETTINGS, async (fixture) => {
  const account = await fixture.server.account('avi');
  const group = await account.group('Notes');
  await account.send(group, 'one');
  const avi = await fixture.visitor('avi', { account, path: null });
  avi.expects(/Invalid time value|Cannot read properties of/);
  await twist(avi, (key, value) => (key === 'created_at' ? 'never' : value));
  await avi.go('/');
  await avi.isIn();
  await avi.open('Notes');
  await avi.button('Details').click();
  await shown(avi.page.getByText('This part of the page cannot be shown.'));
  await avi.write('two');
  await shown(avi.message('two').getByText('Sent', { exact: true }));
  await becomes(() => avi.messages(), ['one', 'two']);
});
