// When to come back: told by the close code, how often it has failed, and chance.

import assert from 'node:assert/strict';
import test from 'node:test';

import { after } from '../../src/http/web/client/net/pauses.js';

const end = (code, more) => ({ code, reason: '', opened: true, ...more });

test('every close code has its word, and says whether to come back', () => {
  const words = {
    1001: 'restart', 1012: 'restart', 1013: 'busy', 4008: 'slow', 4009: 'heartbeat', 4029: 'flooding', 1006: 'lost', 1000: 'lost',
  };
  for (const [code, why] of Object.entries(words)) {
    const { back, why: said } = after(end(Number(code)), 1, 0.5);
    assert.deepEqual([back, said], [true, why], code);
  }
  for (const code of [4501, 4502]) assert.deepEqual(after(end(code), 1, 0.5), { back: false, why: 'revoked' });
  for (const code of [4500, 4503, 1002, 1007, 1009]) assert.deepEqual(after(end(code), 1, 0.5), { back: false, why: 'protocol' });
});

test('a server that was never reached is told from a connection that was lost', () => {
  assert.equal(after(end(1006, { opened: false }), 1, 0).why, 'unreachable');
  assert.equal(after(end(1006), 1, 0).why, 'lost');
});

test('pauses grow, but not for ever, and no two are quite the same', () => {
  const pauses = Array.from({ length: 20 }, (_, i) => after(end(1006), i + 1, 1).ms);
  for (let i = 1; i < pauses.length; i += 1) assert.ok(pauses[i] >= pauses[i - 1]);
  assert.equal(pauses[0], 500);
  assert.equal(pauses.at(-1), 30_000);
  assert.notEqual(after(end(1006), 5, 0.1).ms, after(end(1006), 5, 0.9).ms);
  assert.equal(after(end(1006), 1, 0).ms, 250, 'half of it is fixed');
});

test('nobody is back before the server asks for it', () => {
  assert.ok(after(end(1012, { reason: 'retry_after_ms=2700' }), 1, 0).ms >= 2700);
  assert.ok(after(end(1013, { reason: 'retry_after_ms=45000' }), 1, 1).ms >= 45_000);
  assert.ok(after(end(4029), 1, 0).ms >= 5000);
  assert.ok(after(end(1012, { reason: 'retry_after_ms=nonsense' }), 1, 0).ms <= 500);
});

test('too many connections of one person are called by their name', () => {
  assert.equal(after(end(1013, { crowded: true, opened: false }), 1, 0).why, 'too_many');
});
