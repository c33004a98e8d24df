// Requests in flight: answered once, repeated where that helps, and never in a loop.

import assert from 'node:assert/strict';
import test from 'node:test';

import { createRequests } from '../../src/http/web/client/net/requests.js';
import { empty, next } from '../../src/http/web/client/state/state.js';

const user = { id: 'u', username: 'me', display_name: 'me', kind: 'account' };
const session = {
  id: 'a', kind: 'group', title: 'a', role: 'owner', members: [], member_count: 1, seq: 0, rev: 0, read: 0, unread: 0, created_at: '2026',
};
const ready = { type: 'ready', user, server: { epoch: '1' }, heartbeat_seconds: 25, limits: {}, sessions: [session], invites: [], online: [] };
const pending = { key: 'k', session: 'a', text: 'x', at: 1, status: 'waiting' };

/** A connected client; `sent` has its frames, `rest` its REST requests. */
function connected() {
  const it = { state: empty, sent: [], rest: [] };
  it.dispatch = (event) => {
    it.state = next(it.state, { now: 1, ...event });
  };
  it.requests = createRequests({
    state: () => it.state,
    dispatch: it.dispatch,
    send: (frame) => it.sent.push(frame),
    rest: (...args) => {
      it.rest.push(args);
      return new Promise(() => {});
    },
  });
  it.dispatch({ type: 'frame', frame: ready });
  it.sends = () => it.sent.filter(({ type }) => type === 'send');
  return it;
}

test('a need is requested once until it is answered', () => {
  const it = connected();
  it.dispatch({ type: 'wrote', pending });
  it.requests.run();
  it.requests.run();
  assert.equal(it.sends().length, 1);
  const { id } = it.sends()[0];
  assert.ok(it.requests.answered({ type: 'ok', id, session: 'a', seq: 1, rev: 1, at: '2026' }));
  it.requests.run();
  assert.equal(it.sends().length, 1);
  assert.deepEqual(Object.keys(it.state.outbox), []);
});

test('after a temporary refusal the message is sent again with the same key', async () => {
  const it = connected();
  it.dispatch({ type: 'wrote', pending });
  it.requests.run();
  it.requests.answered({ type: 'error', id: it.sends()[0].id, code: 'rate_limited', message: '', retry_after_ms: 500 });
  assert.equal(it.state.outbox.a[0].status, 'sending');
  it.requests.run();
  assert.equal(it.sends().length, 1);
  while (it.sends().length < 2) await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(it.sends().map(({ key }) => key), ['k', 'k']);
});

test('a lasting refusal is reported and not requested again', () => {
  const it = connected();
  it.dispatch({ type: 'wrote', pending });
  it.requests.run();
  it.requests.answered({ type: 'error', id: it.sends()[0].id, code: 'too_large', message: 'too long' });
  it.requests.run();
  assert.equal(it.state.outbox.a[0].status, 'failed');
  assert.equal(it.sends().length, 1);
  it.dispatch({ type: 'retry', key: 'k' });
  it.requests.run();
  assert.equal(it.sends().length, 2);
});

test('a command resolves with its reply, or rejects with a refusal or a lost connection', async () => {
  const it = connected();
  const good = it.requests.request({ type: 'ping' });
  it.requests.answered({ type: 'pong', id: it.sent.at(-1).id });
  assert.deepEqual(await good, {});
  const bad = it.requests.request({ type: 'title', session: 'a', title: '' });
  it.requests.answered({ type: 'error', id: it.sent.at(-1).id, code: 'forbidden', message: 'no' });
  await assert.rejects(bad, { code: 'forbidden' });
  const lost = it.requests.request({ type: 'open', username: 'avi' });
  it.requests.lost();
  await assert.rejects(lost, { code: 'offline' });
  it.dispatch({ type: 'link', link: { status: 'waiting', attempt: 1 } });
  await assert.rejects(it.requests.request({ type: 'ping' }), { code: 'offline' });
});

test('after a lost connection all needs are requested again', () => {
  const it = connected();
  it.dispatch({ type: 'wrote', pending });
  it.requests.run();
  it.requests.lost();
  it.dispatch({ type: 'link', link: { status: 'waiting', attempt: 1 } });
  it.requests.run();
  assert.equal(it.sends().length, 1, 'not before there is a connection');
  it.dispatch({ type: 'frame', frame: ready });
  it.requests.run();
  assert.deepEqual(it.sends().map(({ key }) => key), ['k', 'k']);
});

test('a late reply changes nothing', () => {
  const it = connected();
  assert.equal(it.requests.answered({ type: 'ok', id: '99' }), true);
  assert.equal(it.requests.answered({ type: 'message', session: 'a' }), false);
});
