// When to reconnect: by close code, number of failures, and jitter.

import assert from 'node:assert/strict';
import test from 'node:test';

import { reconnectPlan } from '../../src/http/web/client/net/backoff.js';

const end = (code, more) => ({ code, reason: '', opened: true, ...more });

test('every close code has a reason and decides whether to reconnect', () => {
  const reasons = {
    1001: 'restart', 1012: 'restart', 1013: 'busy', 4008: 'slow', 4009: 'heartbeat', 4029: 'flooding', 1006: 'lost', 1000: 'lost',
  };
  for (const [code, why] of Object.entries(reasons)) {
    const { back, why: actual } = reconnectPlan(end(Number(code)), 1, 0.5);
    assert.deepEqual([back, actual], [true, why], code);
  }
  for (const code of [4501, 4502]) assert.deepEqual(reconnectPlan(end(code), 1, 0.5), { back: false, why: 'revoked' });
  for (const code of [4500, 4503, 1002, 1007, 1009]) assert.deepEqual(reconnectPlan(end(code), 1, 0.5), { back: false, why: 'protocol' });
});

test('an unreachable server and a lost connection are distinguished', () => {
  assert.equal(reconnectPlan(end(1006, { opened: false }), 1, 0).why, 'unreachable');
  assert.equal(reconnectPlan(end(1006), 1, 0).why, 'lost');
});

test('delays grow up to a limit and have jitter', () => {
  const pauses = Array.from({ length: 20 }, (_, i) => reconnectPlan(end(1006), i + 1, 1).ms);
  for (let i = 1; i < pauses.length; i += 1) assert.ok(pauses[i] >= pauses[i - 1]);
  assert.equal(pauses[0], 500);
  assert.equal(pauses.at(-1), 30_000);
  assert.notEqual(reconnectPlan(end(1006), 5, 0.1).ms, reconnectPlan(end(1006), 5, 0.9).ms);
  assert.equal(reconnectPlan(end(1006), 1, 0).ms, 250, 'half of it is fixed');
});

test('no client reconnects before the time that the server sends', () => {
  assert.ok(reconnectPlan(end(1012, { reason: 'retry_after_ms=2700' }), 1, 0).ms >= 2700);
  assert.ok(reconnectPlan(end(1013, { reason: 'retry_after_ms=45000' }), 1, 1).ms >= 45_000);
  assert.ok(reconnectPlan(end(4029), 1, 0).ms >= 5000);
  assert.ok(reconnectPlan(end(1012, { reason: 'retry_after_ms=nonsense' }), 1, 0).ms <= 500);
});

test('too many connections of one user are a reason of their own', () => {
  assert.equal(reconnectPlan(end(1013, { crowded: true, opened: false }), 1, 0).why, 'too_many');
});
