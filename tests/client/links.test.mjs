// Links and mentions in texts, as the server finds them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { linksIn, namesIn } from '../../src/http/web/client/lib/links.js';

const table = JSON.parse(readFileSync(new URL('../links.json', import.meta.url), 'utf8'));

test('links are those of the table that the server is tested with', () => {
  for (const [text, links] of table) {
    assert.deepEqual(linksIn(text).map((link) => link.text), links, text);
  }
});

test('text behind a link does not become part of its host', () => {
  for (const [text, links] of table) {
    for (const link of links) {
      const { host } = new URL(link);
      assert.ok(!/xn--/.test(host) || /[^\0-\x7f]/.test(link), `${text}: ${host}`);
      assert.ok(!host.startsWith('example.xn--'), `${text}: ${host}`);
    }
  }
});

test('a mention may follow letters of scripts without spaces, but not be in mail addresses or links', () => {
  const names = (text) => namesIn(text, linksIn(text)).map(({ name }) => name);
  for (const text of ['请@lisa看一下', 'ねえ@lisaさん', 'カナ@lisaです', '안녕@lisa님', 'ถึง@lisaครับ', '＠lisa', '请＠lisa', 'ל@lisa', '(@lisa)', '「https://example.org」@lisa']) {
    assert.deepEqual(names(text), ['lisa'], text);
  }
  for (const text of ['josé@lisa', 'анна@lisa', 'αβγ@lisa', '１@lisa', 'https://www.youtube.com/@lisa', 'https://lisa@example.org', '@@lisa', '@l', '@_lisa']) {
    assert.deepEqual(names(text), [], text);
  }
});
