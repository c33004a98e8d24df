// axe-core on every view, in both themes.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { settle, UNHURRIED } from '../kit/community.mjs';
import { browserTest } from '../kit/fixture.mjs';
import { VIEWS } from '../kit/views.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations on the current page, one line per rule and element. */
async function faults(page) {
  await page.evaluate(axe);
  const { passes, violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.ok(passes.length > 10, `axe has looked at ${passes.length} kinds of things only`);
  return violations.flatMap(({ id, impact, help, nodes }) => nodes.map((node) => `${impact} ${id}: ${help}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`));
}

const SHAPES = {
  'in the light theme': { colorScheme: 'light' },
  'in the dark theme': { colorScheme: 'dark' },
  'on a phone': { viewport: { width: 360, height: 740 }, hasTouch: true },
};

for (const [shape, options] of Object.entries(SHAPES)) {
  browserTest(`axe finds nothing ${shape}`, UNHURRIED, async (fixture) => {
    const community = await settle(fixture.server);
    const avi = await fixture.person('avi', { account: community.people.avi, ...options });
    const visitor = await fixture.visitor('visitor', options);
    const found = [];
    for (const view of VIEWS) {
      const person = view.visitor ? visitor : avi;
      await view.go(person, community);
      for (const fault of await faults(person.page)) found.push(`${view.name}: ${fault}`);
    }
    assert.deepEqual(found, []);
  });
}

browserTest('axe finds nothing on the empty views', {}, async (fixture) => {
  const avi = await fixture.person('avi');
  const found = await faults(avi.page);
  for (const tab of ['People', 'Search', 'Chats']) {
    await avi.tab(tab).click();
    found.push(...(await faults(avi.page)));
  }
  assert.deepEqual(found, []);
});
