// Without a mouse: everything can be reached, visibly, and left again.

import assert from 'node:assert/strict';
import { becomes, gone, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

function focused(locator) {
  return locator.first().evaluate((element) => element === document.activeElement).catch(() => false);
}

/** Presses Tab until this has the focus. */
async function tabTo(person, locator, key = 'Tab') {
  for (let press = 0; press < 60; press += 1) {
    if (await focused(locator)) return;
    await person.page.keyboard.press(key);
  }
  assert.fail(`${key} does not lead to ${locator}`);
}

async function isFocused(locator) {
  await until(() => focused(locator), `the focus is on ${locator}`);
}

function type(person, ...keys) {
  return keys.reduce((before, key) => before.then(() => person.page.keyboard.press(key)), Promise.resolve());
}

browserTest('logging in by keyboard', {}, async (fixture) => {
  const gwen = await fixture.visitor('gwen');
  await shown(gwen.heading('Welcome to Parlor'));
  const way = gwen.role('tab', 'Continue as guest').or(gwen.button('Continue as guest'));
  // Tabs are one stop; arrows move between them.
  const tablist = (await gwen.role('tab', 'Continue as guest').count()) > 0;
  if (tablist) {
    await tabTo(gwen, gwen.page.locator('[role="tab"][tabindex="0"], [role="tab"]:not([tabindex])'));
    for (let press = 0; press < 6 && !(await focused(way)); press += 1) await type(gwen, 'ArrowRight');
  } else {
    await tabTo(gwen, way);
  }
  await type(gwen, 'Enter');
  await tabTo(gwen, gwen.field('Your name'));
  await gwen.page.keyboard.type('gwen');
  await type(gwen, 'Enter');
  await gwen.isIn();
});

browserTest('from the list into a conversation, through its messages, and back by keyboard', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await avi.account.direct(lisa);
  const club = await avi.account.group('Garden club', [lisa]);
  await lisa.send(club, 'in the club');
  await lisa.send(session, 'hello avi');
  await shown(avi.row('lisa').getByText('hello avi'));

  await tabTo(avi, avi.chats.getByRole('link').first());
  await isFocused(avi.chat('lisa'));
  await type(avi, 'ArrowDown');
  await isFocused(avi.chat('Garden club'));
  await type(avi, 'ArrowUp', 'Enter');
  await shown(avi.role('main', 'lisa'));
  await isFocused(avi.composer);
  await avi.page.keyboard.type('hello lisa');
  await type(avi, 'Enter');
  await shown(avi.message('hello lisa').getByText('Sent'));
  await isFocused(avi.composer);

  // The list of messages is one stop; arrows move in it.
  await type(avi, 'Shift+Tab');
  await tabTo(avi, avi.log.locator('article[tabindex="0"]'), 'Shift+Tab');
  await isFocused(avi.message('hello lisa'));
  await type(avi, 'ArrowUp');
  await isFocused(avi.message('hello avi'));
  await type(avi, 'Enter');
  await shown(avi.role('menu'));
  await isFocused(avi.role('menuitem', 'Reply'));
  await type(avi, 'Escape');
  await gone(avi.role('menu'));
  await until(() => avi.page.evaluate(() => document.activeElement.closest('article')?.textContent.includes('hello avi') ?? false), 'the focus is back at the message');

  await type(avi, 'r');
  await isFocused(avi.composer);
  await avi.page.keyboard.type('an answer');
  await type(avi, 'Enter');
  await shown(avi.message('an answer').locator('.quote'));
  await shown(avi.message('an answer').getByText('Sent'));
  await tabTo(avi, avi.log.locator('article[tabindex="0"]'), 'Shift+Tab');
  await isFocused(avi.message('an answer'));
  await type(avi, 'e');
  await becomes(() => avi.composer.inputValue(), 'an answer');
  await type(avi, 'Escape');
  await becomes(() => avi.composer.inputValue(), '');
  await tabTo(avi, avi.log.locator('article[tabindex="0"]'), 'Shift+Tab');
  await isFocused(avi.message('an answer'));
  await type(avi, 'Delete');
  await shown(avi.role('alertdialog'));
  await tabTo(avi, avi.role('alertdialog').getByRole('button', { name: /^Delete/ }));
  await type(avi, 'Enter');
  await gone(avi.message('an answer'));
  await shown(avi.log.getByText('Message deleted'));
  await gone(avi.role('alertdialog'));
  await until(() => avi.page.evaluate(() => document.activeElement !== document.body), 'the focus is not lost');
});

browserTest('a message that is being sent keeps the focus once it is sent', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const line = await fixture.line();
  const avi = await fixture.person('avi', { line });
  await avi.account.direct(lisa);
  await avi.open('lisa');
  await isFocused(avi.composer);
  line.hold();
  await avi.page.keyboard.type('hello lisa');
  await type(avi, 'Enter');
  await shown(avi.message('hello lisa'));
  await tabTo(avi, avi.log.locator('article[tabindex="0"]'), 'Shift+Tab');
  line.release();
  await shown(avi.message('hello lisa').getByText('Sent'));
  await isFocused(avi.message('hello lisa'));
});

browserTest('menus and dialogs trap the focus and restore it', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const button = avi.button('New conversation');
  await tabTo(avi, button);
  await type(avi, 'Enter');
  await shown(avi.role('menu'));
  await type(avi, 'ArrowDown');
  await isFocused(avi.role('menuitem', 'Create a room'));
  await type(avi, 'Enter');
  const dialog = avi.role('dialog');
  await shown(dialog);
  for (let press = 0; press < 20; press += 1) {
    await type(avi, 'Tab');
    // Chromium's dialogs let the focus move to the browser, never to the page behind.
    assert.ok(await avi.page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest('dialog')), 'the dialog keeps the focus');
  }
  await type(avi, 'Escape');
  await gone(dialog);
  await isFocused(button);

  await type(avi, '?');
  await shown(avi.role('dialog', 'Keyboard shortcuts').or(avi.role('dialog')));
  await type(avi, 'Escape');
  await gone(avi.role('dialog'));
  await isFocused(button);
});

browserTest('every tab stop is visible, and none traps the focus', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await avi.account.direct(lisa);
  await lisa.send(session, 'hello');
  await avi.open('lisa');
  await avi.showDetails();
  await avi.page.evaluate(() => document.activeElement.blur());
  const stops = [];
  for (let press = 0; press < 60; press += 1) {
    await type(avi, 'Tab');
    stops.push(await avi.page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      // The ring may be around a larger area, such as the whole row.
      const marked = [null, '::before', '::after'].some((part) => {
        const { outlineStyle, boxShadow } = getComputedStyle(element, part);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      });
      const { width, height } = element.getBoundingClientRect();
      return { name: element.getAttribute('aria-label') || element.textContent.trim() || element.tagName, visible: width > 1 && height > 1, marked };
    }));
  }
  const reached = stops.filter(Boolean);
  assert.deepEqual(reached.filter((stop) => !stop.marked || !stop.visible), []);
  assert.ok(stops.includes(null), 'the keyboard leaves the page at its end');
  for (const name of ['Account', 'New conversation', 'Details']) assert.ok(reached.some((stop) => stop.name.includes(name)), `${name} is a stop`);
  // The first stop skips the list.
  assert.match(stops[stops.indexOf(null) + 1]?.name ?? reached[0].name, /Skip/);
});

browserTest('arrow keys switch the sidebar’s tabs, and new messages are announced', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const avi = await fixture.person('avi');
  const session = await avi.account.direct(lisa);
  await avi.open('lisa');
  await lisa.send(session, 'did this arrive?');
  await until(async () => (await avi.page.locator('[aria-live]').allTextContents()).join(' ').includes('did this arrive?')
    || (await avi.log.getAttribute('aria-live')) === 'polite', 'it is announced');
  await tabTo(avi, avi.role('tab', /^Chats/));
  await type(avi, 'ArrowRight');
  await isFocused(avi.tab('People'));
  await becomes(() => avi.tab('People').getAttribute('aria-selected'), 'true');
  await type(avi, 'ArrowRight');
  await isFocused(avi.tab('Search'));
});

browserTest('after a login, a new session or a lost one the focus is at a useful place', {}, async (fixture) => {
  const gwen = await fixture.visitor('gwen');
  await gwen.choose('Continue as guest');
  await gwen.field('Your name').fill('gwen');
  await gwen.field('Your name').press('Enter');
  await gwen.isIn();
  await isFocused(gwen.tab('Chats'));

  // A dialog focuses its first field, and the new session takes over.
  const choose = async (item) => {
    await gwen.button('New conversation').click();
    await gwen.role('menuitem', item).click();
  };
  await choose('Create a room');
  await isFocused(gwen.field('Title'));
  await gwen.page.keyboard.type('Quiz');
  await type(gwen, 'Enter');
  await isFocused(gwen.button('Go to the room'));
  await type(gwen, 'Enter');
  await gone(gwen.role('dialog'));
  await isFocused(gwen.composer);

  const lisa = await fixture.server.account('lisa');
  await choose('Create a group');
  await isFocused(gwen.field('Title'));
  await gwen.page.keyboard.type('Garden');
  await type(gwen, 'Enter');
  await shown(gwen.role('main', 'Garden'));
  await isFocused(gwen.composer);
  await gwen.showDetails();
  await gwen.details.getByRole('button', { name: 'Delete group' }).click();
  await gwen.role('alertdialog').getByRole('button', { name: 'Delete group' }).click();
  await gone(gwen.chat('Garden'));
  await isFocused(gwen.tab('Chats'));

  const avi = await fixture.person('avi');
  const club = await avi.account.group('Club', [lisa, await fixture.server.account('mira')]);
  await avi.go(`/#/s/${club.id}/about`);
  await avi.actOn('lisa', 'Remove');
  await avi.role('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await gone(avi.details.getByText('lisa'));
  await until(() => avi.page.evaluate(() => document.activeElement.closest('aside') !== null), 'the focus is still in the details');
});
