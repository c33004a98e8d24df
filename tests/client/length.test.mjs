// How much may still be written, in characters, although the server counts bytes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { inWords, remaining } from '../../src/http/web/client/views/conversation/length.js';

test('nothing is said as long as the limit is far away, or where there is none', () => {
  assert.equal(remaining('x'.repeat(90), 100), null);
  assert.equal(remaining('x'.repeat(1000), 0), null);
  assert.equal(remaining('x'.repeat(1000), undefined), null);
});

test('what is left is said in characters of any script', () => {
  assert.equal(remaining('x'.repeat(95), 100), 5);
  assert.equal(remaining('x'.repeat(100), 100), 0);
  // Two bytes each in Cyrillic, four for an emoji.
  assert.equal(remaining('я'.repeat(48), 100), 2);
  assert.equal(remaining('👍'.repeat(24), 100), 1);
});

test('what is too much is said in characters that must go', () => {
  assert.equal(remaining('x'.repeat(103), 100), -3);
  assert.equal(remaining('я'.repeat(52), 100), -2);
  assert.equal(remaining(`${'x'.repeat(99)}👍`, 100), -1);
});

test('in words', () => {
  assert.deepEqual([2, 1, 0].map(inWords), ['2 characters left', '1 character left', '0 characters left']);
  assert.equal(inWords(-1), '1 character too long. Shorten it, or send it in parts.');
});
