// Members of groups and rooms: roles, permissions, titles, and leaving.

import assert from 'node:assert/strict';
import { becomes, gone, shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** The member's row in the details. */
function member(person, name) {
  return person.details.getByRole('list', { name: 'Members' }).getByRole('listitem').filter({ hasText: name });
}

/** Confirms with the button whose label begins so. */
async function confirm(person, label) {
  await person.role('alertdialog').getByRole('button', { name: new RegExp(`^${label}`) }).click();
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
async function club(fixture) {
  const avi = await fixture.person('avi');
  const lisa = await fixture.person('lisa');
  const mira = await fixture.server.account('mira');
  const session = await avi.account.group('Garden club', [lisa.account, mira]);
  await avi.open('Garden club');
  await lisa.open('Garden club');
  return { avi, lisa, mira, session };
}

browserTest('a group is created with picked people', {}, async (fixture) => {
  const lisa = await fixture.person('lisa');
  await fixture.server.account('mira');
  const avi = await fixture.person('avi');
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

browserTest('after a choice by mouse the next name can be typed, and the result lists who was added and invited', {}, async (fixture) => {
  const lisa = await fixture.person('lisa');
  const mira = await fixture.server.account('mira');
  await mira.patch('/me', { accepts: 'invited' });
  const avi = await fixture.person('avi');
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

browserTest('a new title is shown to all members, with a notice', {}, async (fixture) => {
  const { avi, lisa } = await club(fixture);
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

browserTest('roles are granted, revoked and handed over', {}, async (fixture) => {
  const { avi, lisa, session } = await club(fixture);
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

browserTest('a removed member loses the conversation at once', {}, async (fixture) => {
  const { avi, lisa } = await club(fixture);
  await avi.showDetails();
  await avi.actOn('lisa', 'Remove');
  await confirm(avi, 'Remove');
  await gone(lisa.chat('Garden club'));
  await gone(lisa.composer);
  await gone(member(avi, 'lisa'));
  // A member who is added again sees it again.
  await avi.details.getByRole('button', { name: 'Invite people' }).click();
  await pick(avi, 'lisa');
  await avi.role('dialog').getByRole('button', { name: /^(Add|Invite)/ }).last().click();
  const invite = lisa.invitations.getByRole('group', { name: 'Invitation from avi' });
  await shown(invite.or(lisa.chat('Garden club')));
  if (await invite.first().isVisible()) await invite.getByRole('button', { name: 'Accept' }).first().click();
  await shown(lisa.chat('Garden club'));
});

browserTest('an owner who leaves hands over, and the conversation leaves the list', {}, async (fixture) => {
  const { avi, lisa, session } = await club(fixture);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Leave' }).click();
  await confirm(avi, 'Leave');
  await gone(avi.chat('Garden club'));
  await gone(avi.composer);
  // Both joined at the same time: one of them owns it now.
  await becomes(async () => {
    const { members } = await lisa.account.get(`/sessions/${session.id}/members`);
    return members.map((member) => member.role).sort();
  }, ['member', 'owner']);
  await shown(lisa.log.getByText(/left/));
});

browserTest('the owner deletes a group after a confirmation', {}, async (fixture) => {
  const { avi, lisa } = await club(fixture);
  await avi.showDetails();
  await avi.details.getByRole('button', { name: 'Delete group' }).click();
  await confirm(avi, 'Delete');
  await gone(avi.chat('Garden club'));
  await gone(lisa.chat('Garden club'));
});

browserTest('an admin deletes a member’s message', {}, async (fixture) => {
  const { avi, lisa } = await club(fixture);
  await lisa.write('buy my seeds');
  await avi.act('buy my seeds', 'Delete');
  await confirm(avi, 'Delete');
  await shown(lisa.log.getByText('Message deleted'));
  // A member has no such entry in the menu of others' messages.
  await avi.write('please no advertising');
  await lisa.message('please no advertising').hover();
  await lisa.message('please no advertising').getByRole('button', { name: 'Message actions' }).click();
  await shown(lisa.role('menuitem', 'Reply'));
  await gone(lisa.role('menuitem', 'Delete'));
  await gone(lisa.role('menuitem', 'Edit'));
});
