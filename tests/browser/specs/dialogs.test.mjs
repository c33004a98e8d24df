// Dialogs: Back closes one and leads nowhere else, and what was entered is not lost by one key.

import assert from 'node:assert/strict';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

const dialog = (person) => person.page.getByRole('dialog');

async function newGroup(person) {
  await person.button('New conversation').click();
  await person.role('menuitem', 'Create a group').click();
  await shown(dialog(person));
}

scene('Back closes the dialog, and the next one leads back', {}, async (stage) => {
  const avi = await stage.person('avi');
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
  // Closed by its own button it leaves nothing behind in the history.
  await avi.open('Garden club');
  await newGroup(avi);
  await dialog(avi).getByRole('button', { name: 'Cancel' }).click();
  await gone(dialog(avi));
  await becomes(() => avi.page.evaluate(() => history.state?.dialog ?? null), null);
  await avi.page.goBack();
  await shown(avi.role('main', 'Notes'));
  // Where it has led, Back leads to where one was.
  await newGroup(avi);
  await dialog(avi).getByLabel('Title').fill('Film night');
  await dialog(avi).getByRole('button', { name: 'Create group' }).click();
  await shown(avi.role('main', 'Film night'));
  await avi.page.goBack();
  await shown(avi.role('main', 'Notes'));
});

scene('Esc closes an empty form at once, and a filled one only when pressed again', {}, async (stage) => {
  const avi = await stage.person('avi');
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

scene('a draft is the same in two tabs that both show its conversation', {}, async (stage) => {
  const one = await stage.person('avi');
  await one.account.group('Notes');
  const two = await stage.tab(one);
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
