// Old browsers, and pages to which a file did not arrive: the client runs, or the plain form is shown with the reason. README
// names the oldest browsers; the modules need nothing newer.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'acorn';
import { gone, shown } from '../kit/expect.mjs';
import { browserTest } from '../kit/fixture.mjs';

const folder = new URL('../../../src/http/web/client/', import.meta.url).pathname;
const modules = readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith('.js'));

/** The edition of the language that all supported browsers know. */
const EDITION = 2022;

/** Later features, where they are used without a check. */
const LATER = /\bIntl\.Segmenter\b|\bURL\.canParse\b|\.checkVisibility\(|\.to(?:Sorted|Reversed|Spliced)\(|\bwithResolvers\b|WellFormed\(|\bgroupBy\(|\bfromAsync\b|\.moveBefore\(|\bAbortSignal\.any\b|\brequestIdleCallback\b/;

/** Where they are checked first. */
const LOOKS = [join('lib', 'graphemes.js')];

/** All regular expressions of a syntax tree. */
function* patterns(node) {
  if (node === null || typeof node !== 'object') return;
  if (node.regex) yield node.regex;
  for (const inner of Object.values(node)) yield* patterns(inner);
}

test('every module uses only syntax of the oldest supported browser', () => {
  assert.ok(modules.length > 80);
  for (const path of modules) {
    const text = readFileSync(join(folder, path), 'utf8');
    const isPlain = path === 'fallback.js';
    let tree;
    try {
      tree = parse(text, { ecmaVersion: isPlain ? 5 : EDITION, sourceType: isPlain ? 'script' : 'module' });
    } catch (error) {
      assert.fail(`${path}: ${error.message}`);
    }
    for (const { pattern } of patterns(tree)) assert.doesNotMatch(pattern, /\(\?<[=!]/, `${path}: looks back: ${pattern}`);
    if (!LOOKS.includes(path)) assert.doesNotMatch(text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, ''), LATER, path);
  }
});

/** Removes features that older browsers did not have. */
function grow(person, years) {
  return person.page.addInitScript((years) => {
    const { RegExp: Native } = window;
    window.RegExp = new Proxy(Native, {
      construct(target, [pattern, flags]) {
        if (flags?.includes('v')) throw new SyntaxError('Invalid flags');
        return new Native(pattern, flags);
      },
    });
    delete Intl.Segmenter;
    delete URL.canParse;
    delete Element.prototype.checkVisibility;
    for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) delete Array.prototype[name];
    delete Promise.withResolvers;
    delete Object.groupBy;
    delete window.requestIdleCallback;
    if (years > 3) delete Array.prototype.findLast;
  }, years);
}

browserTest('a browser of three years ago runs the client', {}, async (fixture) => {
  const lisa = await fixture.server.account('lisa');
  const account = await fixture.server.account('avi');
  const session = await lisa.direct(account);
  await lisa.send(session, 'see https://example.org/x, @avi 👩‍👩‍👧');
  await lisa.send(session, '🎉');
  const avi = await fixture.visitor('avi', { account, path: null });
  await grow(avi, 3);
  await avi.go('/');
  await avi.isIn();
  await avi.open('lisa');
  await shown(avi.log.getByRole('link', { name: 'https://example.org/x' }));
  await shown(avi.log.locator('.text.emoji', { hasText: '🎉' }));
  await avi.write('hello');
  await shown(avi.message('hello').getByText('Sent', { exact: true }));
  await gone(avi.page.locator('#plain'));
});

browserTest('a browser that is too old shows the plain form and the reason', {}, async (fixture) => {
  const visitor = await fixture.visitor('visitor', { path: null });
  await grow(visitor, 9);
  await visitor.go('/');
  await shown(visitor.page.getByText('This browser is too old'));
  await visitor.page.locator('input[name="name"]').fill('Ann');
  await visitor.page.locator('button[name="create"]').click();
  await visitor.page.waitForURL('**/room');
  await shown(visitor.page.getByText('This browser is too old'));
  await shown(visitor.page.getByText(/The code of this room|Room code/i).first());
});

/** The address of the client. */
const CLIENT = /\/main\.js$/;

browserTest('if the client does not load there is the plain form, and after a reload the client', {}, async (fixture) => {
  const visitor = await fixture.visitor('visitor', { path: null });
  visitor.expects(/net::ERR_FAILED/);
  await visitor.page.route(CLIENT, (route) => route.abort());
  await visitor.go('/');
  await shown(visitor.page.getByText('A part of Parlor could not be loaded.'));
  await shown(visitor.page.locator('input[name="code"]'));
  await visitor.page.unroute(CLIENT);
  await visitor.page.reload();
  await shown(visitor.heading('Welcome to Parlor'));
  assert.equal(await visitor.page.locator('#plain').count(), 0);
});

browserTest('if the client does not run there is the plain form instead of a blank page', {}, async (fixture) => {
  const visitor = await fixture.visitor('visitor', { path: null });
  visitor.expects(/Unexpected token|SyntaxError|is not defined/);
  await visitor.page.route(CLIENT, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: 'const = 1;' });
  });
  await visitor.go('/');
  await shown(visitor.page.getByText('A part of Parlor could not be loaded.'));
});

browserTest('the plain page is never visible if the client runs', {}, async (fixture) => {
  const visitor = await fixture.visitor('visitor', { path: null });
  await visitor.page.addInitScript(() => {
    window.flashed = false;
    const look = () => {
      const plain = document.getElementById('plain');
      if (plain?.getClientRects().length) window.flashed = true;
      requestAnimationFrame(look);
    };
    look();
  });
  await visitor.go('/');
  await shown(visitor.heading('Welcome to Parlor'));
  assert.equal(await visitor.page.evaluate(() => window.flashed), false);
});
