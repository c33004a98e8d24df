// What axe-core has to say about every view, in both themes.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { settle, UNHURRIED } from '../kit/community.mjs';
import { scene } from '../kit/stage.mjs';
import { VIEWS } from '../kit/views.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with what is on the page now, one line for each kind and place. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap(({ id, impact, help, nodes }) => nodes.map((node) => `${impact} ${id}: ${help}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`));
}

for (const colorScheme of ['light', 'dark']) {
  scene(`axe finds nothing in the ${colorScheme} theme`, UNHURRIED, async (stage) => {
    const community = await settle(stage.server);
    const avi = await stage.person('avi', { account: community.people.avi, colorScheme });
    const visitor = await stage.visitor('visitor', { colorScheme });
    const found = [];
    for (const view of VIEWS) {
      const person = view.visitor ? visitor : avi;
      await view.go(person, community);
      for (const fault of await faults(person.page)) found.push(`${view.name}: ${fault}`);
    }
    assert.deepEqual(found, []);
  });
}

scene('axe finds nothing where there is nothing yet', {}, async (stage) => {
  const avi = await stage.person('avi');
  const found = await faults(avi.page);
  for (const tab of ['People', 'Search', 'Chats']) {
    await avi.tab(tab).click();
    found.push(...(await faults(avi.page)));
  }
  assert.deepEqual(found, []);
});
