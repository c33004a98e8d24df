// System notifications with several tabs: one, and only while none of them is looked at, however a tab was closed.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, shown, until } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

/** The test decides which tab is focused: in an automated browser all of them are. Notifications are recorded. */
async function prepare(person) {
  await person.context.addInitScript(() => {
    let focused = false;
    window.shownNotifications = [];
    document.hasFocus = () => focused;
    window.setFocus = (now) => {
      focused = now;
      dispatchEvent(new Event(now ? 'focus' : 'blur'));
    };
    window.Notification = class {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title, { body }) { window.shownNotifications.push(`${title}: ${body}`); }
      close() {}
    };
  });
}

const focus = (tab, now) => tab.page.evaluate((now) => window.setFocus(now), now);

/** The notifications of a tab, once earlier requests are done. */
const shownIn = (tab) => tab.page.evaluate(async () => {
  await navigator.locks.query();
  await new Promise((resolve) => setTimeout(resolve));
  return window.shownNotifications;
});

const holdsLock = (tab, held) => until(() => tab.page.evaluate(async (held) => {
  const locks = await navigator.locks.query();
  return locks.held.some(({ name }) => name === 'parlor:looked-at') === held;
}, held), `a tab is looked at: ${held}`);

browserTest('notifications are shown by one tab, and only while no tab is looked at', UNHURRIED, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const account = await fixture.server.account('avi');
  const session = await lisa.direct(account);
  const first = await fixture.visitor('avi', { account, path: null });
  await prepare(first);
  await first.go('/');
  await first.isIn();
  const second = await fixture.tab(first);
  const third = await fixture.tab(first);
  const tabs = [first, second, third];
  for (const tab of tabs) await tab.isIn();
  let count = 0;
  const send = async (open) => {
    count += 1;
    await lisa.send(session, `message ${count}`);
    for (const tab of open) await shown(tab.chat('lisa', count));
  };
  // The third is looked at; the second is closed.
  await focus(third, true);
  await holdsLock(first, true);
  await second.page.close();
  await send([first, third]);
  for (const tab of [first, third]) assert.deepEqual(await shownIn(tab), []);
  // Focus moves from tab to tab.
  await focus(third, false);
  await focus(first, true);
  await holdsLock(first, true);
  await send([first, third]);
  for (const tab of [first, third]) assert.deepEqual(await shownIn(tab), []);
  // The focused tab is closed abruptly.
  await focus(first, false);
  await focus(third, true);
  await holdsLock(first, true);
  await third.page.close({ runBeforeUnload: false });
  await holdsLock(first, false);
  await send([first]);
  await becomes(() => shownIn(first), ['lisa: message 3']);
  // A fourth, unfocused tab shows no second one.
  const fourth = await fixture.tab(first);
  await fourth.isIn();
  await send([first, fourth]);
  await becomes(() => shownIn(first), ['lisa: message 3', 'lisa: message 4']);
  assert.deepEqual(await shownIn(fourth), []);
});
