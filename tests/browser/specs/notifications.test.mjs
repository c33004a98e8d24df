// System notifications with several tabs: one, and only while none of them is being looked at, however a tab went away.

import assert from 'node:assert/strict';
import { UNHURRIED } from '../kit/community.mjs';
import { becomes, shown, until } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

/** Which tab is looked at is said by the test: to an automated browser all of them are. Notifications are written down. */
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

/** What a tab has told of, once everything that was asked before is answered. */
const told = (tab) => tab.page.evaluate(async () => {
  await navigator.locks.query();
  await new Promise((resolve) => setTimeout(resolve));
  return window.shownNotifications;
});

const holdsLock = (tab, held) => until(() => tab.page.evaluate(async (held) => {
  const locks = await navigator.locks.query();
  return locks.held.some(({ name }) => name === 'parlor:looked-at') === held;
}, held), `a tab is looked at: ${held}`);

scene('nobody is told while a tab is looked at, and one tab tells once none is', UNHURRIED, async (stage) => {
  const lisa = await stage.server.account('lisa');
  const account = await stage.server.account('avi');
  const session = await lisa.direct(account);
  const first = await stage.visitor('avi', { account, path: null });
  await prepare(first);
  await first.go('/');
  await first.isIn();
  const second = await stage.tab(first);
  const third = await stage.tab(first);
  const tabs = [first, second, third];
  for (const tab of tabs) await tab.isIn();
  let count = 0;
  const say = async (open) => {
    count += 1;
    await lisa.say(session, `message ${count}`);
    for (const tab of open) await shown(tab.chat('lisa', count));
  };
  // The third is looked at; the second is closed.
  await focus(third, true);
  await holdsLock(first, true);
  await second.page.close();
  await say([first, third]);
  for (const tab of [first, third]) assert.deepEqual(await told(tab), []);
  // Looked at and away again, in turn.
  await focus(third, false);
  await focus(first, true);
  await holdsLock(first, true);
  await say([first, third]);
  for (const tab of [first, third]) assert.deepEqual(await told(tab), []);
  // The one that is looked at goes without a word.
  await focus(first, false);
  await focus(third, true);
  await holdsLock(first, true);
  await third.page.close({ runBeforeUnload: false });
  await holdsLock(first, false);
  await say([first]);
  await becomes(() => told(first), ['lisa: message 3']);
  // A fourth that nobody looks at says nothing beside it.
  const fourth = await stage.tab(first);
  await fourth.isIn();
  await say([first, fourth]);
  await becomes(() => told(first), ['lisa: message 3', 'lisa: message 4']);
  assert.deepEqual(await told(fourth), []);
});
