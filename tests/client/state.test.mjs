// Single events and what they do to the state.

import assert from 'node:assert/strict';
import test from 'node:test';

import { initials, isolate } from '../../src/http/web/client/lib/names.js';
import { needs } from '../../src/http/web/client/state/needs.js';
import { contacts, labelOf, listed, nameOf, statusOf, titleOf, typists, unreadTotal } from '../../src/http/web/client/state/select.js';
import { empty, next } from '../../src/http/web/client/state/state.js';
import { endedSessions, unsent } from '../../src/http/web/client/subscribers/session-ended.js';
import { notifies } from '../../src/http/web/client/subscribers/system-notifications.js';
import { title } from '../../src/http/web/client/subscribers/title.js';
import { acceptance, addition } from '../../src/http/web/client/subscribers/invite-toasts.js';

const user = (name, more) => ({ id: `u-${name}`, username: name, display_name: name, kind: 'account', ...more });
const member = (name, role = 'member') => ({ user: user(name), role, joined_at: '2026-01-01T00:00:00.000Z' });
const session = (id, more) => ({
  id, kind: 'group', title: id, role: 'member', members: [member('me'), member('avi')], member_count: 2, seq: 0, rev: 0, read: 0, unread: 0,
  created_at: '2026-01-01T00:00:00.000Z', ...more,
});
const at = (second) => `2026-01-01T00:00:${String(second % 60).padStart(2, '0')}.000Z`;
const messageOf = (id, seq, sender = 'avi', more) => ({
  session: id, seq, rev: seq, sender: `u-${sender}`, username: sender, kind: 'text', text: `text ${seq}`, at: at(seq), ...more,
});
const ready = (sessions, more) => ({
  type: 'ready', user: user('me'), server: { epoch: '1' }, heartbeat_seconds: 25, limits: {}, sessions, invites: [], online: [], ...more,
});

const FRAMES = new Set(['ready', 'message', 'member', 'invite']);
const event = (one) => (FRAMES.has(one.type) ? { type: 'frame', frame: one } : one);

/** The state after these frames and events. */
const after = (...events) => events.reduce((state, one, i) => next(state, { now: 1000 + i, ...event(one) }), empty);

const message = (...args) => ({ type: 'message', ...messageOf(...args) });
const open = (id, more) => ({ type: 'route', route: { name: 'session', id, ...more } });
const wrote = (key, id = 'a', text = 'mine') => ({ type: 'wrote', pending: { key, session: id, text, at: 1, status: 'waiting' } });
const ids = (state) => needs(state).map(({ id }) => id);
const page = (id, messages, complete = true) => ({
  type: 'answered', request: { type: 'history', session: id }, answer: { messages, complete }, note: { way: 'newest', wants: null, rev: 0 },
});

test('unchanged parts of the state keep their identity', () => {
  const before = after(ready([session('a'), session('b')]));
  const then = next(before, { type: 'frame', frame: message('a', 1), now: 2 });
  assert.notEqual(then.sessions.a, before.sessions.a);
  assert.equal(then.sessions.b, before.sessions.b);
  assert.equal(then.people, before.people);
  assert.equal(next(before, { type: 'frame', frame: { type: 'unheard_of' } }), before);
});

test('sessions are listed by latest activity', () => {
  const later = { at: '2026-01-02T00:00:00.000Z' };
  const state = after(ready([session('a'), session('b')]), message('b', 1), message('a', 1, 'avi', later));
  assert.deepEqual(listed(state).map(({ id }) => id), ['a', 'b']);
  assert.equal(unreadTotal(state), 2);
});

test('after a reconnect sessions are removed only after the last page of the list', () => {
  const pageOf = (id, next) => ({ type: 'answered', request: { type: 'sessions' }, answer: { sessions: [session(id, { unread: 2 })], next } });
  let state = after(ready([session('a'), session('b'), session('c')]), { type: 'link', link: { status: 'waiting' } });
  const names = () => Object.keys(state.sessions).sort();
  state = next(state, { type: 'frame', frame: ready([session('a')], { sessions_next: '1' }) });
  assert.deepEqual(names(), ['a', 'b', 'c']);
  state = next(state, pageOf('b', '2'));
  assert.equal(state.sessions.b.unread, 2);
  assert.deepEqual(names(), ['a', 'b', 'c']);
  state = next(state, pageOf('d'));
  assert.deepEqual(names(), ['a', 'b', 'd']);
});

test('in an open session the names of all members are requested', () => {
  const crowd = session('a', { member_count: 30 });
  assert.ok(ids(after(ready([crowd]), open('a'))).includes('members:a:'));
  assert.ok(!ids(after(ready([session('a')]), open('a'))).includes('members:a:'));
});

test('own messages and deleted ones do not count as unread', () => {
  let state = after(ready([session('a')]), message('a', 1), message('a', 2));
  assert.equal(state.sessions.a.unread, 2);
  state = next(state, { type: 'frame', frame: { type: 'message_changed', ...messageOf('a', 1, 'avi', { rev: 3, deleted: true, text: '' }) } });
  assert.equal(state.sessions.a.unread, 1);
  state = next(state, { type: 'frame', frame: message('a', 3, 'me', { rev: 4 }) });
  assert.deepEqual([state.sessions.a.unread, state.sessions.a.read], [0, 3]);
});

test('read marks are sent only while the page is looked at', () => {
  const shown = [ready([session('a')]), open('a'), message('a', 1), { type: 'seen', session: 'a', seq: 1 }];
  assert.ok(ids(after(...shown)).includes('read:a:1'));
  assert.ok(!ids(after(...shown, { type: 'focused', focused: false })).includes('read:a:1'));
  assert.ok(!ids(after(...shown, { type: 'visible', visible: false })).includes('read:a:1'));
  assert.ok(!ids(after(...shown, { type: 'route', route: { name: 'home' } })).includes('read:a:1'));
});

test('the line remains where reading ended until the user leaves or writes', () => {
  const unread = session('a', { seq: 5, rev: 5, read: 2, unread: 3 });
  let state = after(ready([unread]), open('a'));
  assert.equal(state.sessions.a.line, 2);
  assert.equal(next(state, { type: 'route', route: { name: 'home' } }).sessions.a.line, null);
  state = next(state, { type: 'frame', frame: message('a', 6, 'me') });
  assert.equal(state.sessions.a.line, null);
  state = next(state, { type: 'focused', focused: false });
  state = next(state, { type: 'frame', frame: message('a', 7) });
  assert.equal(state.sessions.a.line, 6, 'who looks elsewhere finds it on return');
});

test('messages that the open session missed offline are below the line', () => {
  const state = after(ready([session('a', { seq: 4, rev: 4, read: 4 })]), open('a'), page('a', [messageOf('a', 4)]), ready([session('a', { seq: 9, rev: 9, read: 4, unread: 5 })]));
  assert.equal(state.sessions.a.line, 4);
});

test('a session with many unread messages opens where reading ended, with few at the end', () => {
  const far = after(ready([session('a', { seq: 300, rev: 300, read: 100, unread: 200 })]), open('a'));
  assert.ok(ids(far).includes('history:a:around:101'));
  const near = after(ready([session('a', { seq: 300, rev: 300, read: 290, unread: 10 })]), open('a'));
  assert.ok(ids(near).includes('history:a:newest:'));
  const jump = after(ready([session('a', { seq: 300, rev: 300 })]), open('a', { seq: 7 }));
  assert.ok(ids(jump).includes('history:a:around:7'));
});

test('messages are sent in order, each once', () => {
  let state = after(ready([session('a')]), wrote('k1'), wrote('k2'));
  assert.deepEqual(ids(state).filter((id) => id.startsWith('send')), ['send:k1']);
  const request = { type: 'send', session: 'a', key: 'k1', text: 'mine' };
  state = next(state, { type: 'requested', request });
  assert.equal(state.outbox.a[0].status, 'sending');
  state = next(state, { type: 'answered', request, answer: { session: 'a', seq: 1, rev: 1, at: '2026-01-01T00:00:01.000Z' } });
  assert.deepEqual(state.outbox.a.map(({ key }) => key), ['k2']);
  assert.equal(state.sessions.a.seq, 1);
  assert.deepEqual(ids(state).filter((id) => id.startsWith('send')), ['send:k2']);
});

test('a refused message is kept with the reason, does not block the next, and is retried with the same key', () => {
  let state = after(ready([session('a')]), wrote('k1'), wrote('k2'));
  const request = { type: 'send', session: 'a', key: 'k1', text: 'mine' };
  state = next(state, { type: 'refused', request, error: { code: 'forbidden', message: 'no' } });
  assert.deepEqual([state.outbox.a[0].status, state.outbox.a[0].error.code], ['failed', 'forbidden']);
  assert.deepEqual(ids(state).filter((id) => id.startsWith('send')), ['send:k2']);
  assert.ok(ids(next(state, { type: 'retry', key: 'k1' })).includes('send:k1'));
  assert.deepEqual(next(state, { type: 'discard', key: 'k1' }).outbox.a.map(({ key }) => key), ['k2']);
});

test('without a connection messages are pending and nothing is requested', () => {
  let state = after(ready([session('a')]), wrote('k1'));
  state = next(state, { type: 'requested', request: { type: 'send', session: 'a', key: 'k1', text: 'mine' } });
  state = next(state, { type: 'link', link: { status: 'waiting', why: 'lost', attempt: 1 } });
  assert.equal(state.outbox.a[0].status, 'waiting');
  assert.deepEqual(needs(state), []);
  assert.ok(ids(next(state, { type: 'frame', frame: ready([session('a')]) })).includes('send:k1'));
});

test('unsent messages of an earlier page are sent, also to sessions that are not listed yet', () => {
  const left = { key: 'k', session: 'far', text: 'x', at: 1, status: 'sending' };
  const state = after(ready([session('a')]), { type: 'restored', pending: [left], drafts: { a: { text: 'half' } } });
  assert.equal(state.outbox.far[0].status, 'waiting');
  assert.equal(state.drafts.a.text, 'half');
  assert.ok(ids(state).includes('session:far'));
});

test('another user of the same browser sees nothing of the one before', () => {
  const state = after(ready([session('a')]), wrote('k1'), { type: 'frame', frame: { ...ready([session('b')]), user: user('eve') } });
  assert.deepEqual(Object.keys(state.sessions), ['b']);
  assert.deepEqual(Object.keys(state.outbox), []);
  assert.deepEqual(Object.keys(after(ready([session('a')]), { type: 'wiped' }).sessions), []);
});

test('a direct session is named after the other user, also after their account was deleted', () => {
  const avi = { ...member('avi'), user: user('avi', { display_name: 'Avi B.' }) };
  const direct = session('d', { kind: 'direct', title: 'avi', members: [member('me'), avi] });
  const state = after(ready([direct], { online: ['avi'] }));
  assert.equal(titleOf(state.sessions.d, state), 'Avi B.');
  assert.deepEqual(contacts(state).map(({ status, session: id }) => [status, id]), [['online', 'd']]);
  const deleted = user('avi', { username: 'deleted-user', deleted: true });
  const gone = { type: 'member', session: 'd', rev: 1, state: 'joined', role: 'member', user: deleted };
  const then = next(state, event(gone));
  assert.equal(titleOf(then.sessions.d, then), 'Deleted user');
  assert.deepEqual(contacts(then), []);
});

test('an own message is sent, then read', () => {
  let state = after(ready([session('a')]), open('a'), message('a', 1, 'me'));
  const status = () => statusOf(messageOf('a', 1, 'me'), state.sessions.a, state).status;
  assert.equal(status(), 'sent');
  state = next(state, { type: 'frame', frame: { type: 'receipt', session: 'a', username: 'avi', read: 1, received: 1 } });
  assert.equal(status(), 'read');
});

test('typing is shown for six seconds, or until the message arrives', () => {
  const signs = [ready([session('a')]), { type: 'frame', frame: { type: 'typing', session: 'a', username: 'avi' } }];
  let state = after(...signs);
  assert.deepEqual(typists(state.sessions.a, state), ['avi']);
  assert.deepEqual(typists(next(state, { type: 'frame', frame: message('a', 1), now: 1002 }).sessions.a, state), []);
  state = next(state, { type: 'tick', now: 9000 });
  assert.deepEqual(Object.keys(state.sessions.a.typing), []);
  // My own typing in another tab is ignored.
  const mine = after(signs[0], { type: 'frame', frame: { type: 'typing', session: 'a', username: 'me' } });
  assert.deepEqual(typists(mine.sessions.a, mine), []);
});

test('a stored edit restores the previous draft and loses nothing written since', () => {
  const draft = (one) => ({ type: 'draft', session: 'a', draft: one });
  const kept = { type: 'answered', request: { type: 'edit', session: 'a', seq: 1, text: 'better' }, answer: { rev: 2 } };
  const changing = { text: 'better ', edit: 1, before: { text: 'half a' } };
  const begun = [ready([session('a')]), message('a', 1, 'me'), draft(changing)];
  assert.deepEqual(after(...begun, kept).drafts.a, { text: 'half a' });
  assert.deepEqual(after(...begun, draft({ text: 'new' }), kept).drafts.a, { text: 'new' });
  assert.deepEqual(after(...begun, draft({ ...changing, text: 'better still' }), kept).drafts.a.text, 'better still');
});

test('a login at a link to a room looks the room up', () => {
  const link = { type: 'route', route: { name: 'room', code: 'ABC' } };
  const state = after(link, { type: 'wiped' }, ready([]));
  assert.deepEqual(ids(state).filter((id) => id.startsWith('look')), ['look:ABC']);
});

test('an invite is pending until it is answered, here or elsewhere', () => {
  const invite = { id: 'i', from: user('avi'), to: user('me'), state: 'pending' };
  const state = after(ready([]), { type: 'invite', invite });
  assert.deepEqual([state.invites.in.length, state.invites.fresh], [1, ['i']]);
  const direct = session('d', { kind: 'direct' });
  assert.equal(next(state, { type: 'frame', frame: { type: 'session_added', session: direct } }).invites.in.length, 0);
  const answered = { type: 'answered', request: { type: 'answer', invite: 'i', accept: false }, answer: {} };
  assert.equal(next(state, answered).invites.in.length, 0);
  const late = { type: 'refused', request: { type: 'answer', invite: 'i' }, error: { code: 'invite_closed' } };
  assert.equal(next(state, late).invites.in.length, 0);
});

test('the title shows the unread count and the open conversation', () => {
  const state = after(ready([session('Tea', { unread: 3 })]));
  assert.equal(title(state), '(3) Parlor');
  assert.equal(title(next(state, open('Tea'))), '(3) Tea – Parlor');
  assert.equal(title(after(ready([session('a', { unread: 500 })]))), '(99+) Parlor');
});

test('notifications are shown for messages of others, in the lobby only for mentions', () => {
  const lobby = session('l', { kind: 'lobby', members: undefined });
  const state = after(ready([session('a'), lobby]));
  const notified = (...args) => notifies(state, event(message(...args)));
  assert.equal(notified('a', 1), true);
  assert.equal(notified('a', 1, 'me'), false);
  assert.equal(notified('a', 1, 'avi', { kind: 'notice' }), false);
  assert.equal(notified('l', 1), false);
  assert.equal(notified('l', 1, 'avi', { mentions: ['Me'] }), true);
});

test('the reason why a conversation ended is shown unless the user ended it', () => {
  const state = after(ready([session('Tea')]));
  const removal = (reason) => ({ type: 'frame', frame: { type: 'session_removed', session: 'Tea', reason } });
  const texts = (before, one) => endedSessions(next(before, one), before, one).map(({ text }) => text);
  assert.deepEqual(texts(state, removal('removed')), ['You were removed from “Tea”.']);
  assert.deepEqual(texts(state, removal('left')), []);
  const writing = next(next(state, wrote('k', 'Tea', 'waits')), { type: 'draft', session: 'Tea', draft: { text: 'half a' } });
  assert.equal(unsent(writing, 'Tea'), 'waits\n\nhalf a');
});

test('conversations that ended while offline are reported after the reconnect', () => {
  const den = session('Den', { kind: 'room' });
  const texts = (before, one) => endedSessions(next(before, one), before, one).map(({ text }) => text);
  const back = (sessions, more) => ({ type: 'frame', frame: ready(sessions, more) });
  const gone = ['The room “Den” has ended, or you are no longer in it.'];
  assert.deepEqual(texts(after(ready([den, session('Tea')])), back([session('Tea')])), gone);
  assert.deepEqual(texts(after(ready([session('Tea')])), back([])), ['“Tea” was deleted, or you are no longer a member.']);
  // An open session is requested individually.
  const looking = next(after(ready([den]), open('Den')), back([]));
  assert.deepEqual(texts(after(ready([den]), open('Den')), back([])), []);
  assert.deepEqual(texts(looking, { type: 'refused', request: { type: 'session', session: 'Den' }, error: { code: 'not_found' } }), gone);
  // A first page does not list all sessions, and a restored backup is another history.
  assert.deepEqual(texts(after(ready([den])), back([session('Tea')], { sessions_next: 'more' })), []);
  assert.deepEqual(texts(after(ready([den])), back([], { server: { epoch: '2' } })), []);
  assert.deepEqual(texts(after(ready([den])), { type: 'wiped' }), []);
});

test('presence is unknown without a connection', () => {
  const state = after(ready([session('a')], { online: ['avi'] }));
  assert.equal(state.people.avi.status, 'online');
  assert.equal(next(state, { type: 'link', link: { status: 'waiting', attempt: 1 } }).people.avi.status, undefined);
});

test('only the sender of an invite is notified when it is accepted', () => {
  const state = after(ready([]));
  const answered = (by, as, more) => ({ type: 'frame', frame: { type: 'invite_answered', invite: { id: 'i', state: as, from: user(by), to: user('avi'), ...more } } });
  const texts = (before, one) => acceptance(next(before, one), before, one);
  assert.equal(texts(state, answered('me', 'accepted')), 'avi accepted your invitation.');
  assert.equal(texts(state, answered('me', 'rejected')), null);
  assert.equal(texts(state, answered('zoe', 'accepted')), null);
  // An accepted invitation names its session: a group by its title, a direct one by the other person.
  const direct = { session: { id: 'd', title: 'avi' } };
  assert.equal(texts(after(ready([session('d', { kind: 'direct', title: 'avi' })])), answered('me', 'accepted', direct)), 'avi accepted your invitation.');
  assert.equal(texts(state, answered('me', 'accepted', direct)), 'avi accepted your invitation.');
  const group = { session: { id: 'Tea', title: 'Tea' } };
  assert.equal(texts(after(ready([session('Tea')])), answered('me', 'accepted', group)), 'avi accepted your invitation to “Tea”.');
});

test('a member added to a new group sees who added them', () => {
  const garden = session('Garden', { members: [member('avi', 'owner'), member('me')] });
  const added = (more) => ({ type: 'frame', frame: { type: 'session_added', session: { ...garden, ...more } } });
  const texts = (before, one) => addition(next(before, one), before, one);
  assert.equal(texts(after(ready([])), added()), 'avi added you to “Garden”.');
  // For an own group, a known one, and one with later steps the adder is unknown.
  assert.equal(texts(after(ready([])), added({ role: 'owner' })), null);
  assert.equal(texts(after(ready([])), added({ rev: 2 })), null);
  assert.equal(texts(after(ready([])), added({ kind: 'room' })), null);
  assert.equal(texts(after(ready([garden])), added()), null);
});

test('users with the same display name are distinguished by username', () => {
  const lisa = user('lisa');
  const direct = (id, other) => session(id, { kind: 'direct', title: other.username, members: [member('me'), { ...member('x'), user: other }] });
  const state = after(ready([direct('1', lisa)]));
  assert.equal(titleOf(state.sessions[1], state), 'lisa');
  for (const name of ['lisa', 'LISA', ' Lisa ', 'ｌｉｓａ']) {
    const both = after(ready([direct('1', lisa), direct('2', user('other', { display_name: name }))]));
    assert.equal(titleOf(both.sessions[1], both), 'lisa (@lisa)', name);
    assert.equal(titleOf(both.sessions[2], both), `${name} (@other)`, name);
    assert.equal(nameOf('other', both), `${name} (@other)`, name);
  }
  // Another user's username as display name counts as taken, too.
  const renamed = after(ready([direct('1', user('lisa', { display_name: 'Lisa Berg' })), direct('2', user('other', { display_name: 'lisa' }))]));
  assert.equal(nameOf('other', renamed), 'lisa (@other)');
  assert.equal(nameOf('lisa', renamed), 'Lisa Berg');
  // A deleted account has no name.
  const gone = after(ready([direct('1', lisa), direct('2', user('deleted-user', { display_name: 'lisa', deleted: true }))]));
  assert.equal(labelOf(lisa, gone), 'lisa');
  assert.equal(initials('lisa (@other)'), 'L');
});

test('a right-to-left name does not change the direction of a sentence', () => {
  assert.equal(isolate('lisa'), 'lisa');
  for (const name of ['ليلى', 'דנה', 'Mix ليلى']) assert.equal(isolate(name), `\u2068${name}\u2069`);
});

test('ten thousand messages in an open session are handled quickly', () => {
  let state = after(ready([session('a')]), open('a'), page('a', []));
  const begun = performance.now();
  for (let seq = 1; seq <= 10_000; seq += 1) {
    state = next(state, { type: 'frame', frame: message('a', seq), now: 2000 + seq });
    needs(state);
  }
  const each = (performance.now() - begun) / 10_000;
  assert.ok(state.sessions.a.span.messages.length <= 1000 && state.sessions.a.span.live);
  assert.ok(each < 0.5, `${each.toFixed(3)} ms each`);
});
