// The part of a session's messages that is held: always contiguous, never too long, and quick.

import assert from 'node:assert/strict';
import test from 'node:test';

import { append, covers, find, prepend, put, SPAN, start } from '../../src/http/web/client/state/span.js';

const message = (seq, rev = seq) => ({ seq, rev, text: `${seq}` });
const page = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const ends = ({ messages, first, live }) => [messages[0]?.seq, messages.at(-1)?.seq, first, live];

test('a page starts a span and knows whether it reaches the ends', () => {
  assert.deepEqual(ends(start(page(51, 100), false, 100, true)), [51, 100, false, true]);
  assert.deepEqual(ends(start(page(1, 50), false, 100, false)), [1, 50, true, false]);
  assert.deepEqual(ends(start([], true, 0, true)), [undefined, undefined, true, true]);
});

test('a new message continues a live span; one that does not reveals a gap', () => {
  const span = start(page(1, 3), true, 3, true);
  assert.deepEqual(ends(put(span, message(4))), [1, 4, true, true]);
  assert.deepEqual(ends(put(span, message(6))), [1, 3, true, false]);
});

test('the first message continues an empty span', () => {
  assert.deepEqual(ends(put(start([], true, 0, true), message(1))), [1, 1, true, true]);
});

test('a changed copy replaces a message only if it is newer', () => {
  const span = start(page(1, 3), true, 3, true);
  assert.equal(find(put(span, message(2, 9)), 2).rev, 9);
  assert.equal(put(span, message(2, 1)), span);
  assert.equal(put(span, message(2, 2)), span, 'the same one is the one that is held');
  const later = start(page(50, 60), false, 60, true);
  assert.equal(put(later, message(49)), later, 'what lies before is not held');
  assert.ok(covers(later, 50) && !covers(later, 49) && !covers(later, 61));
});

test('excess messages are dropped away from the reader', () => {
  const long = start(page(1, SPAN), true, SPAN, true);
  assert.deepEqual(ends(put(long, message(SPAN + 1))), [101, SPAN + 1, false, true], 'at the end one loses the oldest');
  assert.deepEqual(ends(put({ ...long, follows: false }, message(SPAN + 1))), [1, SPAN, true, false], 'far up, the newest');
  const middle = { messages: page(501, 1500), first: false, live: true, follows: true };
  const older = prepend(middle, page(401, 500), false, 501);
  assert.deepEqual(ends(older), [401, 1400, false, false]);
  assert.equal(older.follows, false);
  assert.deepEqual(ends(append({ ...older, live: false }, page(1401, 1500), 1400, 1500)), [501, 1500, false, true]);
});

test('a page that no longer fits the span is ignored', () => {
  const span = start(page(51, 100), false, 100, true);
  assert.equal(prepend(span, page(1, 20), true, 21), span);
  assert.equal(append(span, page(51, 60), 50, 100), span);
});
