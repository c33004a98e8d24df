// Dialogs: Back closes one without navigating, and one key does not lose input.

import assert from 'node:assert/strict';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

const dialog = (person) => person.page.getByRole('dialog');

async function newGroup(person) {
  await person.button('New conversation').click();
  await person.role('menuitem', 'Create a group').click();
  await shown(dialog(person));
}

browserTest('Back closes the dialog, and the next Back navigates', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  await avi.account.group('Notes');
  await avi.account.group('Garden club');
  await avi.open('Notes');
  await avi.open('Garden club');
  await newGroup(avi);
  await avi.page.goBack();
  await gone(dialog(avi));
  await shown(avi.role('main', 'Garden club'));
  await avi.page.goBack();
  await shown(avi.role('main', 'Notes'));
  // Closed by its own button it leaves no history entry.
  await avi.open('Garden club');
  await newGroup(avi);
  await dialog(avi).getByRole('button', { name: 'Cancel' }).click();
  await gone(dialog(avi));
  await becomes(() => avi.page.evaluate(() => history.state?.dialog ?? null), null);
  await avi.page.goBack();
  await shown(avi.role('main', 'Notes'));
  // After it has navigated, Back returns to the place before.
  await newGroup(avi);
  await dialog(avi).getByLabel('Title').fill('Film night');
  await dialog(avi).getByRole('button', { name: 'Create group' }).click();
  await shown(avi.role('main', 'Film night'));
  await avi.page.goBack();
  await shown(avi.role('main', 'Notes'));
});

browserTest('Esc closes an empty form at once, and a filled one when pressed twice', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  await newGroup(avi);
  await avi.page.keyboard.press('Escape');
  await gone(dialog(avi));
  await newGroup(avi);
  await dialog(avi).getByLabel('Title').fill('Film night');
  await avi.page.keyboard.press('Escape');
  await shown(avi.page.getByText('Press Esc again to discard what you entered.'));
  assert.equal(await dialog(avi).getByLabel('Title').inputValue(), 'Film night');
  await avi.page.keyboard.press('Escape');
  await gone(dialog(avi));
});

browserTest('a draft is the same in two tabs that show its conversation', {}, async (fixture) => {
  const one = await fixture.person('avi');
  await one.account.group('Notes');
  const two = await fixture.tab(one);
  await one.open('Notes');
  await two.open('Notes');
  await one.composer.fill('from the first');
  await becomes(() => two.composer.inputValue(), 'from the first');
  await two.composer.fill('from the first, and the second');
  await becomes(() => one.composer.inputValue(), 'from the first, and the second');
  await one.composer.fill('once more');
  await becomes(() => two.composer.inputValue(), 'once more');
  await one.composer.press('Enter');
  await becomes(() => two.composer.inputValue(), '');
});
