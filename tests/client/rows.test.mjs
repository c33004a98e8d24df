// What stands in the timeline, as data.

import assert from 'node:assert/strict';
import test from 'node:test';

import { firstNew } from '../../src/http/web/client/views/conversation/rows.js';

const me = { id: 'me' };
const said = (seq, sender = 'avi', kind = 'text') => ({ seq, sender, kind });
const held = (line, ...messages) => ({ line, span: { messages } });

test('the line stands above the first text of somebody else that is new', () => {
  assert.equal(firstNew(held(1, said(1), said(2, 'avi', 'notice'), said(3, 'me'), said(4), said(5)), me), 4);
  assert.equal(firstNew(held(null, said(1)), me), null);
  assert.equal(firstNew(held(1, said(1)), me), null);
  assert.equal(firstNew({ line: 1, span: null }, me), null);
});

test('where what is new begins before what is held, the line is not here', () => {
  assert.equal(firstNew(held(1, said(7), said(8)), me), null);
});
