// Every view of the client and how to open it, for the axe and layout tests and the screenshots.

import { shown } from './expect.mjs';

/**
 * @typedef {{name: string, visitor?: boolean, go: (person: import('./person.mjs').Person, community: object) => Promise<void>}} View
 * `visitor`: shown without a login; `go` starts at any other view of its kind.
 */

/** @type {View[]} */
export const VIEWS = [
  ...['Log in', 'Create account', 'Continue as guest', 'Create a room', 'Join with a code'].map((way) => ({
    name: `first page, ${way.toLowerCase()}`,
    visitor: true,
    async go(person) {
      await person.go('/');
      await shown(person.heading('Welcome to Parlor'));
      await person.choose(way);
    },
  })),
  {
    name: 'first page, with errors',
    visitor: true,
    async go(person) {
      await person.go('/');
      await person.choose('Log in');
      await person.submit('Log in');
      await shown(person.page.locator('[aria-invalid="true"]'));
    },
  },
  {
    name: 'room link',
    visitor: true,
    async go(person, { sessions }) {
      await person.go(`/room/${sessions.film.code}`);
      await shown(person.heading('Join “Film night”'));
    },
  },
  { name: 'chats', go: home },
  { name: 'conversation', go: (person, { sessions }) => open(person, sessions.lisa) },
  { name: 'group', go: (person, { sessions }) => open(person, sessions.garden) },
  { name: 'right-to-left', go: (person, { sessions }) => open(person, sessions.layla) },
  { name: 'group with details', go: (person, { sessions }) => details(person, sessions.garden) },
  { name: 'room with details', go: (person, { sessions }) => details(person, sessions.film) },
  { name: 'person with details', go: (person, { sessions }) => details(person, sessions.max) },
  { name: 'long title', go: (person, { sessions }) => details(person, sessions.long) },
  { name: '200 unread', go: (person, { sessions }) => open(person, sessions.neighbours) },
  {
    name: 'people',
    async go(person) {
      await home(person);
      await person.tab('People').click();
      await shown(person.role('list', 'People').getByRole('listitem'));
    },
  },
  {
    name: 'search',
    async go(person) {
      await home(person);
      await person.tab('Search').click();
      await person.role('searchbox', 'Search messages').or(person.role('textbox', 'Search messages')).fill('tomatoes');
      await shown(person.page.locator('mark'));
    },
  },
  {
    name: 'message menu',
    async go(person, { sessions }) {
      await open(person, sessions.garden);
      const message = person.message('Thursday is mine.').first();
      await message.hover();
      await message.getByRole('button', { name: 'Message actions' }).click();
      await shown(person.role('menu'));
    },
  },
  ...['Create a group', 'Create a room', 'Join with a code'].map((item) => ({
    name: item.toLowerCase(),
    async go(person) {
      await home(person);
      await person.button('New conversation').click();
      await person.role('menuitem', item).click();
      await shown(person.role('dialog'));
    },
  })),
  {
    name: 'account',
    async go(person) {
      await home(person);
      await person.button('Account').click();
      await shown(person.role('dialog').getByText('Avi Cohen').or(person.role('dialog').getByRole('textbox')));
    },
  },
  {
    name: 'question',
    async go(person, { sessions }) {
      await details(person, sessions.film);
      await person.details.getByRole('button', { name: 'Leave' }).click();
      await shown(person.role('alertdialog'));
    },
  },
];

async function home(person) {
  await person.go('/');
  await person.isIn();
  await shown(person.chats.getByRole('link'));
}

async function open(person, session) {
  await at(person, `/#/s/${session.id}`);
  await shown(person.composer);
  await shown(person.log.getByRole('article'));
}

async function details(person, session) {
  await at(person, `/#/s/${session.id}/about`);
  await shown(person.details);
  await shown(person.details.getByRole('button').first());
  // Beside it, or behind it on a narrow screen, the conversation itself.
  await person.page.locator('main').first().waitFor({ state: 'attached' });
}

async function at(person, path) {
  // Via another document: otherwise the browser would only change the fragment.
  await person.page.goto('about:blank');
  await person.go(path);
}
