// People who are called what every JavaScript object has already, and data that cannot be drawn: neither takes more of the page
// with it than itself.

import assert from 'node:assert/strict';
import { HOSTILE, USERNAMES } from '../../client/names.mjs';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

const SETTINGS = {
  ...UNHURRIED, PARLOR_ACCOUNTS_PER_MINUTE: '0', PARLOR_SESSIONS_PER_MINUTE: '0', PARLOR_LOBBY_SENDS_PER_SECOND: '0', PARLOR_LOBBY_LOGIN_SECONDS: '600',
};

/** The server keeps these from people. */
const RESERVED = ['null'];

/** The lobby as the server names it. */
const lobbyOf = async (account) => (await account.get('/sessions?limit=200')).sessions.find(({ kind }) => kind === 'lobby');

scene('guests with such names write, are seen typing, read, and are found', SETTINGS, async (stage) => {
  const avi = await stage.person('avi');
  const lobby = await lobbyOf(avi.account);
  const guests = [];
  for (const name of USERNAMES.filter((one) => !RESERVED.includes(one))) {
    const guest = await stage.server.guest(name);
    guests.push(guest);
    const session = await guest.direct(avi.account);
    await guest.say(session, `hello, I am ${name}`);
    await guest.say(lobby, `${name} is here`);
    await shown(avi.chat(name, 1));
  }
  await avi.page.reload();
  await avi.isIn();
  for (const guest of guests) await shown(avi.row(guest.username).getByText(`hello, I am ${guest.username}`));
  await gone(avi.page.getByText('Loading conversations…'));
  await avi.open(lobby.title);
  for (const guest of guests) await shown(avi.message(`${guest.username} is here`));
  // One of them in full: typing, presence, marks, mention, reaction.
  const [guest] = guests.filter(({ username }) => username === 'toString');
  const session = await guest.direct(avi.account);
  const socket = await guest.connect();
  await avi.open('toString');
  await avi.write('good evening');
  const status = avi.message('good evening').locator('.status');
  await shown(status.getByText('Sent', { exact: true }));
  await socket.ask({ type: 'typing', session: session.id });
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

scene('titles, display names, texts, drafts and searches may be such words', SETTINGS, async (stage) => {
  const account = await stage.server.account('avi');
  const words = HOSTILE.filter(Boolean);
  const groups = [];
  for (const word of words) {
    const guest = await stage.server.guest(`guest-${groups.length}`);
    await guest.patch('/me', { display_name: word });
    const room = await account.room(word);
    await guest.join(room.code);
    await guest.say(room, word);
    groups.push(room);
  }
  const avi = await stage.person('avi', { account });
  for (const word of words) await shown(avi.chat(word));
  for (const word of ['constructor', '__proto__', 'undefined']) {
    await avi.open(word);
    await shown(avi.message(word));
    await avi.composer.fill(`about ${word}`);
    await avi.showDetails();
    await shown(avi.details.getByRole('list', { name: 'Members' }).getByRole('listitem').filter({ hasText: word }));
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

scene('an address, and storage, with such a name lead nowhere', SETTINGS, async (stage) => {
  const avi = await stage.person('avi');
  const notes = await avi.account.group('Notes');
  for (const word of ['constructor', 'valueof', 'tostring']) {
    await avi.go(`/#/s/${word}`);
    await shown(avi.heading('Conversation not found'));
  }
  await avi.page.evaluate((id) => {
    const place = `parlor:${id}:`;
    for (const word of ['constructor', '__proto__', 'toString']) localStorage.setItem(`${place}draft:${word}`, '{"text":"half"}');
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

/** Changes what the page hears of the server before it hears it. */
async function twist(person, change) {
  await person.page.routeWebSocket(/\/api\/v1\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(JSON.stringify(JSON.parse(text, change))));
  });
}

scene('what cannot be drawn takes nothing else with it', SETTINGS, async (stage) => {
  const lisa = await stage.server.account('lisa');
  const account = await stage.server.account('avi');
  const mira = await stage.server.account('mira');
  const poisoned = await account.direct(lisa);
  for (const text of ['before', 'poison', 'after']) await lisa.say(poisoned, text);
  const group = await account.group('Good group', [lisa, mira]);
  await mira.say(group, 'fine');
  await lisa.say(group, 'fine as well');
  const avi = await stage.visitor('avi', { account, path: null });
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
  await lisa.say(poisoned, 'poison');
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

scene('an area that cannot be drawn says so, and the others go on', SETTINGS, async (stage) => {
  const account = await stage.server.account('avi');
  const group = await account.group('Notes');
  await account.say(group, 'one');
  const avi = await stage.visitor('avi', { account, path: null });
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
