// Users, sessions and drafts named like properties of objects, and storage with foreign content.

import assert from 'node:assert/strict';
import test from 'node:test';

import { parse } from '../../src/http/web/client/lib/route.js';
import { needs } from '../../src/http/web/client/state/needs.js';
import { directWith, listed, nameOf, statusOf, titleOf, typists } from '../../src/http/web/client/state/select.js';
import { empty, next } from '../../src/http/web/client/state/state.js';
import { errorText } from '../../src/http/web/client/lib/wording.js';
import { title } from '../../src/http/web/client/subscribers/title.js';
import { HOSTILE, USERNAMES } from './names.mjs';

const user = (name) => ({ id: `u-${name}`, username: name, display_name: name, kind: 'guest' });
const member = (name) => ({ user: user(name), role: 'member', joined_at: '2026-01-01T00:00:00.000Z' });
const direct = (id, name) => ({
  id, kind: 'direct', title: name, role: 'member', members: [member('me'), member(name)], member_count: 2, seq: 1, rev: 1, read: 0, unread: 0,
  created_at: '2026-01-01T00:00:00.000Z', last_message: messageOf(id, 1, 'me'),
});
function messageOf(session, seq, name) {
  return { session, seq, rev: seq, sender: `u-${name}`, username: name, kind: 'text', text: 'hello', at: '2026-01-01T00:00:01.000Z' };
}
const ready = (sessions) => ({
  type: 'ready', user: user('me'), server: { epoch: '1' }, heartbeat_seconds: 25, limits: {}, sessions, invites: [], online: [],
});
const frame = (one) => ({ type: 'frame', frame: one });
const after = (...events) => events.reduce((state, one, i) => next(state, { now: 1000 + i, ...one }), empty);

for (const name of USERNAMES) {
  test(`a user may be called ${name}`, () => {
    let state = after(frame(ready([direct('d', name)])), { type: 'route', route: { name: 'session', id: 'd' } });
    assert.deepEqual(listed(state).map((session) => titleOf(session, state)), [name]);
    assert.equal(title(state), `${name} – Parlor`);
    assert.equal(directWith(name, state)?.id, 'd');
    assert.deepEqual(typists(state.sessions.d, state), []);
    assert.equal(statusOf(messageOf('d', 1, 'me'), state.sessions.d, state).status, 'sent');
    state = next(state, { ...frame({ type: 'typing', session: 'd', username: name }), now: 2000 });
    assert.deepEqual(typists(state.sessions.d, state), [name]);
    state = next(state, { type: 'tick', now: 20_000 });
    assert.deepEqual(typists(state.sessions.d, state), []);
    state = next(state, frame({ type: 'receipt', session: 'd', username: name, read: 1, received: 1 }));
    assert.deepEqual(state.sessions.d.receipts[name], { read: 1, received: 1 });
    assert.equal(statusOf(messageOf('d', 1, 'me'), state.sessions.d, state).status, 'read');
    state = next(state, frame({ type: 'presence', username: name, status: 'online' }));
    assert.equal(state.people[name.toLowerCase()].status, 'online');
  });
}

test('an unknown name finds no user', () => {
  const state = after(frame(ready([])));
  for (const name of HOSTILE) {
    assert.equal(nameOf(name, state), name);
    assert.equal(state.people[name], undefined);
    assert.equal(typeof errorText({ code: name }), 'string');
  }
});

test('an address with the name of an object property is a missing session', () => {
  for (const id of ['constructor', 'valueof', '0']) {
    const route = parse(`#/s/${id}`);
    assert.equal(route.id, id);
    const state = after(frame(ready([])), { type: 'route', route });
    assert.equal(state.sessions[id], undefined);
    assert.equal(state.view.missing, id);
    assert.deepEqual(needs({ ...state, link: { status: 'up' } }).filter(({ id: need }) => need.startsWith('history')), []);
  }
});

test('messages, drafts and titles may be names of object properties', () => {
  for (const name of HOSTILE.filter(Boolean)) {
    let state = after(frame(ready([{ ...direct(name, 'avi'), kind: 'group', title: name }])), { type: 'draft', session: name, draft: { text: name } });
    assert.equal(state.drafts[name].text, name);
    state = next(state, { type: 'wrote', pending: { key: name, session: name, text: name, at: 1, status: 'waiting' } });
    assert.deepEqual(state.outbox[name].map(({ key }) => key), [name]);
    state = next(state, { type: 'answered', request: { type: 'send', key: name, session: name, text: name }, answer: { session: name, seq: 2, rev: 2, at: '2026-01-01T00:00:02.000Z' } });
    assert.deepEqual(Object.keys(state.outbox), []);
    assert.equal(titleOf(state.sessions[name], state), name);
    state = next(state, frame({ type: 'session_removed', session: name, reason: 'deleted' }));
    assert.deepEqual([Object.keys(state.sessions), Object.keys(state.drafts)], [[], []]);
  }
});

test('a deleted account does not remove the mark of a user called “undefined”', () => {
  const state = after(frame(ready([direct('d', 'avi')])), frame({ type: 'receipt', session: 'd', username: 'undefined', read: 1, received: 1 }));
  const deleted = { ...user('deleted-user'), id: 'u-unknown', deleted: true };
  const then = next(state, frame({ type: 'member', session: 'd', rev: 2, state: 'joined', role: 'member', user: deleted }));
  assert.equal(then.sessions.d.receipts.undefined.read, 1);
});
