// Groups and rooms from inside: who is in them, who may do what, what they are called, and leaving.

import assert from 'node:assert/strict';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

/** The member's line in the details. */
function member(person, name) {
  return person.details.getByRole('list', { name: 'Members' }).getByRole('listitem').filter({ hasText: name });
}

/** Answers "are you sure?" with the button whose name begins so. */
async function confirm(person, word) {
  await person.role('alertdialog').getByRole('button', { name: new RegExp(`^${word}`) }).click();
  await gone(person.role('alertdialog'));
}

async function roleOf(account, session, username) {
  const { members } = await account.get(`/sessions/${session.id}/members`);
  return members.find((one) => one.user.username === username)?.role;
}

/** Picks a person in the open dialog. */
async function pick(person, name) {
  const dialog = person.role('dialog');
  await dialog.getByRole('combobox').fill(name);
  await becomes(() => dialog.getByRole('option').count(), 1);
  await shown(dialog.getByRole('option', { name: new RegExp(name) }));
  await dialog.getByRole('combobox').press('Enter');
}

/** Avi owns "Garden club"; Lisa and Mira are members; Avi and Lisa look at it. */
async function club(stage) {
  const avi = await stage.person('avi');
  const lisa = await stage.person('lisa');
  const mira = await stage.server.account('mira');
  const session = await avi.account.group('Garden club', [lisa.account, mira]);
  await avi.open('Garden club');
  await lisa.open('Garden club');
  return { avi, lisa, mira, session };
}

scene('a group is made of people who are picked', {}, async (stage) => {
  const lisa = await stage.person('lisa');
  await stage.server.account('mira');
  const avi = await stage.person('avi');
  await avi.button('New conversation').click();
  await avi.role('menuitem', 'Create a group').click();
  const dialog = avi.role('dialog');
  await dialog.getByLabel('Title').fill('Garden club');
  for (const name of ['lisa', 'mira']) await pick(avi, name);
  await dialog.getByRole('button', { name: /^Create/ }).click();
  await shown(avi.role('main', 'Garden club'));
  await shown(lisa.chat('Garden club'));
  await avi.showDetails();
  await shown(member(avi, 'mira'));
  await becomes(() => member(avi, '').count(), 3);
});

scene('a choice by mouse is ready for the next name, and it is said who was added and who was invited', {}, async (stage) => {
  const lisa = await stage.person('lisa');
  const mira = await stage.server.account('mira');
  await mira.patch('/me', { accepts: 'invited' });
  const avi = await stage.person('avi');
  await avi.button('New conversation').click();
  await avi.role('menuitem', 'Create a group').click();
  const dialog = avi.role('dialog');
  await dialog.getByLabel('Title').fill('Garden club');
  for (const name of ['lisa', 'mira']) {
    await dialog.getByRole('combobox').fill(name);
    await becomes(() => dialog.getByRole('option').count(), 1);
    await dialog.getByRole('option', { name: new RegExp(name) }).click();
    await becomes(() => dialog.getByRole('combobox').inputValue(), '');
  }
  await dialog.getByRole('button', { name: /^Create/ }).click();
  await shown(avi.page.getByText('Added: lisa. Invited: mira. They join once they accept.'));
  await shown(lisa.page.getByText('avi added you to “Garden club”.'));
  await shown(lisa.row('Garden club').getByText('avi added you'));
});

scene('a new title shows at everyone, with a notice', {}, async (stage) => {
  const { avi, lisa } = await club(stage);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Rename' }).click();
  const dialog = avi.role('dialog');
  await dialog.getByRole('textbox').fill('Roof garden 🌿');
  await dialog.getByRole('button', { name: /Rename|Save/ }).click();
  for (const person of [avi, lisa]) {
    await shown(person.role('main', 'Roof garden 🌿'));
    await shown(person.chat('Roof garden 🌿'));
  }
});

scene('roles are given, taken and handed over', {}, async (stage) => {
  const { avi, lisa, session } = await club(stage);
  await lisa.showDetails();
  await gone(lisa.details.getByRole('button', { name: 'Rename' }));
  await avi.showDetails();
  await avi.actOn('lisa', 'Make admin');
  await shown(member(lisa, 'lisa').getByText(/admin/i));
  await shown(lisa.details.getByRole('button', { name: 'Rename' }));
  assert.equal(await roleOf(avi.account, session, 'lisa'), 'admin');
  await avi.actOn('lisa', 'Make member');
  await gone(member(lisa, 'lisa').getByText(/admin/i));
  await avi.actOn('lisa', 'Make owner');
  await confirm(avi, 'Make');
  await shown(member(lisa, 'lisa').getByText(/owner/i));
  assert.equal(await roleOf(avi.account, session, 'lisa'), 'owner');
  assert.equal(await roleOf(avi.account, session, 'avi'), 'admin');
});

scene('whoever is removed loses the conversation at once', {}, async (stage) => {
  const { avi, lisa } = await club(stage);
  await avi.showDetails();
  await avi.actOn('lisa', 'Remove');
  await confirm(avi, 'Remove');
  await gone(lisa.chat('Garden club'));
  await gone(lisa.composer);
  await gone(member(avi, 'lisa'));
  // Whoever is added again finds it anew.
  await avi.details.getByRole('button', { name: 'Invite people' }).click();
  await pick(avi, 'lisa');
  await avi.role('dialog').getByRole('button', { name: /^(Add|Invite)/ }).last().click();
  const asked = lisa.invitations.getByRole('group', { name: 'Invitation from avi' });
  await shown(asked.or(lisa.chat('Garden club')));
  if (await asked.first().isVisible()) await asked.getByRole('button', { name: 'Accept' }).first().click();
  await shown(lisa.chat('Garden club'));
});

scene('an owner who leaves hands over, and it is gone from the list', {}, async (stage) => {
  const { avi, lisa, session } = await club(stage);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Leave' }).click();
  await confirm(avi, 'Leave');
  await gone(avi.chat('Garden club'));
  await gone(avi.composer);
  // Both have been there equally long: one of them owns it now.
  await becomes(async () => {
    const { members } = await lisa.account.get(`/sessions/${session.id}/members`);
    return members.map((member) => member.role).sort();
  }, ['member', 'owner']);
  await shown(lisa.log.getByText(/left/));
});

scene('a group is deleted by its owner, after a question', {}, async (stage) => {
  const { avi, lisa } = await club(stage);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Delete group' }).click();
  await confirm(avi, 'Delete');
  await gone(avi.chat('Garden club'));
  await gone(lisa.chat('Garden club'));
});

scene('an admin deletes what a member has said', {}, async (stage) => {
  const { avi, lisa } = await club(stage);
  await lisa.write('buy my seeds');
  await avi.act('buy my seeds', 'Delete');
  await confirm(avi, 'Delete');
  await shown(lisa.log.getByText('Message deleted'));
  // A member has no such thing in the menu of others' messages.
  await avi.write('please no advertising');
  await lisa.message('please no advertising').hover();
  await lisa.message('please no advertising').getByRole('button', { name: 'Message actions' }).click();
  await shown(lisa.role('menuitem', 'Reply'));
  await gone(lisa.role('menuitem', 'Delete'));
  await gone(lisa.role('menuitem', 'Edit'));
});
