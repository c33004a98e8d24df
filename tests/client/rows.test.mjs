// The rows of the timeline as data.

import assert from 'node:assert/strict';
import test from 'node:test';

import { firstNew } from '../../src/http/web/client/views/conversation/rows.js';

const me = { id: 'me' };
const message = (seq, sender = 'avi', kind = 'text') => ({ seq, sender, kind });
const held = (line, ...messages) => ({ line, span: { messages } });

test('the line is above the first new text of another user', () => {
  assert.equal(firstNew(held(1, message(1), message(2, 'avi', 'notice'), message(3, 'me'), message(4), message(5)), me), 4);
  assert.equal(firstNew(held(null, message(1)), me), null);
  assert.equal(firstNew(held(1, message(1)), me), null);
  assert.equal(firstNew({ line: 1, span: null }, me), null);
});

test('there is no line if new messages begin before the held ones', () => {
  assert.equal(firstNew(held(1, message(7), message(8)), me), null);
});
