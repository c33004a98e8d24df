// The remaining length in characters, although the server counts bytes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { lengthText, remaining } from '../../src/http/web/client/views/conversation/length.js';

test('the remaining length is shown only near the limit', () => {
  assert.equal(remaining('x'.repeat(90), 100), null);
  assert.equal(remaining('x'.repeat(1000), 0), null);
  assert.equal(remaining('x'.repeat(1000), undefined), null);
});

test('the remaining length is counted in characters of any script', () => {
  assert.equal(remaining('x'.repeat(95), 100), 5);
  assert.equal(remaining('x'.repeat(100), 100), 0);
  // Two bytes each in Cyrillic, four for an emoji.
  assert.equal(remaining('я'.repeat(48), 100), 2);
  assert.equal(remaining('👍'.repeat(24), 100), 1);
});

test('an excess is counted in characters to remove', () => {
  assert.equal(remaining('x'.repeat(103), 100), -3);
  assert.equal(remaining('я'.repeat(52), 100), -2);
  assert.equal(remaining(`${'x'.repeat(99)}👍`, 100), -1);
});

test('the remaining length as text', () => {
  assert.deepEqual([2, 1, 0].map(lengthText), ['2 characters left', '1 character left', '0 characters left']);
  assert.equal(lengthText(-1), '1 character too long. Shorten it, or send it in parts.');
});
