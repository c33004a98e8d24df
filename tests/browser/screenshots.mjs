// Makes the pictures in `docs/`: every view in the light and the dark theme and on a phone, from a small neighbourhood.
//
//     cargo build && npm ci --prefix tests/browser && node tests/browser/screenshots.mjs [part of a picture's name]
//
// `PARLOR_BINARY` names another binary, `PARLOR_BROWSER` another browser.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser, close } from './kit/browser.mjs';
import { settle, UNHURRIED } from './kit/community.mjs';
import { shown } from './kit/expect.mjs';
import { AWAY, Person } from './kit/person.mjs';
import { Server } from './kit/server.mjs';
import { spread } from './kit/spread.mjs';
import { VIEWS } from './kit/views.mjs';

const folder = fileURLToPath(new URL('../../docs', import.meta.url));

const SHAPES = {
  light: { viewport: { width: 1120, height: 640 }, colorScheme: 'light' },
  dark: { viewport: { width: 1120, height: 640 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true, isMobile: true },
};

/** Views by the names of their pictures. */
const PICTURES = {
  'first-page': 'first page, log in',
  'room-link': 'room link',
  'chats': 'chats',
  'conversation': 'conversation',
  'group-details': 'group with details',
  'right-to-left': 'right-to-left',
  'people': 'people',
  'search': 'search',
  'message-menu': 'message menu',
  'new-group': 'create a group',
  account: 'account',
  // The last one, since it reads unread messages.
  'unread': '200 unread',
};

const wanted = process.argv[2] ?? '';
mkdirSync(folder, { recursive: true });

for (const [shape, options] of Object.entries(SHAPES)) {
  // One server per variant: messages read in one would be read in the next.
  const server = await Server.start(UNHURRIED);
  await pictures(server, shape, options);
  await server.close();
}
await close();

async function pictures(server, shape, options) {
  const community = await settle(server);
  const { people, sessions } = community;
  for (const username of ['ken', 'max']) await (await people[username].connect()).close();
  for (const username of ['lisa', 'mira', 'zoya', 'tomas']) await people[username].connect();

  const avi = await enter(server, people.avi, options);
  const visitor = await enter(server, null, options);
  for (const [name, title] of Object.entries(PICTURES)) {
    const view = VIEWS.find((one) => one.name === title);
    const person = view.visitor ? visitor : avi;
    await take(person, `${name}-${shape}`, () => view.go(person, community));
  }
  await take(avi, `offline-${shape}`, async () => {
    avi.expects(AWAY);
    await avi.go(`/#/s/${sessions.lisa.id}`);
    await avi.page.reload();
    await shown(avi.composer);
    await avi.context.setOffline(true);
    await shown(avi.banner);
    await avi.composer.fill('In the tunnel, back in a moment.');
    await avi.button('Send').click();
    await shown(avi.message('In the tunnel'));
  });
  const fresh = await enter(server, await server.account('nora'), options);
  await take(fresh, `empty-${shape}`, async () => {
    await fresh.go('/');
    await fresh.isIn();
  });
  for (const person of [avi, visitor, fresh]) await person.context.close();
}

async function enter(server, account, options) {
  const context = await (await browser()).newContext({ locale: 'en-GB', ...options });
  if (account) await context.addCookies([{ name: 'parlor_token', value: account.token, url: server.url, httpOnly: true, sameSite: 'Strict' }]);
  const person = await Person.enter(context, account?.username ?? 'visitor', account, server.url);
  await spread(person.page);
  return person;
}

async function take(person, name, go) {
  if (!name.includes(wanted)) return;
  await go();
  // Without pointer and caret.
  await person.page.mouse.move(0, 0);
  await person.page.waitForLoadState('networkidle');
  await person.page.screenshot({ path: join(folder, `${name}.png`), caret: 'hide', animations: 'disabled' });
  if (person.faults.length) throw new Error(`${name}: ${person.faults.join('\n')}`);
  process.stdout.write(`${name}.png\n`);
}
