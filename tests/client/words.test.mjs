// Refusals as sentences, and what is said of a field before the server is asked.

import assert from 'node:assert/strict';
import test from 'node:test';

import { codeIn, newPassword, personName, roomCode, username } from '../../src/http/web/client/lib/checks.js';
import { count, inWords, wait, wrongField } from '../../src/http/web/client/lib/words.js';

/** Every code that the contract knows, and the client's own. */
const CODES = [
  'invalid_request', 'unknown_user', 'unauthenticated', 'wrong_password', 'forbidden', 'invite_required', 'blocked', 'not_found',
  'unknown_room', 'username_taken', 'already_connected', 'key_conflict', 'limit_reached', 'invite_closed', 'too_large',
  'unsupported_media_type', 'too_many_attempts', 'rate_limited', 'busy', 'unavailable', 'internal', 'offline',
];

const UNKNOWN = inWords({ code: 'of a newer server' });

test('every code becomes a sentence of its own', () => {
  const message = 'The server says why.';
  const said = CODES.map((code) => inWords({ code, message }));
  for (const [i, sentence] of said.entries()) {
    assert.match(sentence, /^[A-Z“].*[.]$/u, CODES[i]);
    assert.notEqual(sentence, UNKNOWN, CODES[i]);
  }
  // Two pairs repeat what the server says of them.
  assert.equal(new Set(said).size, CODES.length - 2);
});

test('a code can mean something more exact where it is met', () => {
  assert.equal(inWords({ code: 'forbidden' }, { forbidden: 'No guests here.' }), 'No guests here.');
});

test('a wrong value is told without the marks of a program', () => {
  const error = { code: 'invalid_request', message: '`password` must have 8 to 128 characters' };
  assert.equal(inWords(error), 'Password must have 8 to 128 characters.');
  assert.equal(inWords({ ...error, message: '`display_name` must not be empty.' }), 'Display name must not be empty.');
  assert.equal(inWords({ ...error, message: 'the body must be a JSON object' }), 'This was not accepted: the body must be a JSON object.');
  assert.equal(wrongField(error), 'password');
  assert.equal(wrongField({ code: 'forbidden', message: '`password`' }), undefined);
});

test('waiting is told in seconds, minutes or hours', () => {
  const said = [undefined, 400, 1000, 42_000, 89_500, 180_000, 7_200_000].map((ms) => wait({ retry_after_ms: ms }));
  assert.deepEqual(said, [
    'in a moment', 'in 1 second', 'in 1 second', 'in 42 seconds', 'in 2 minutes', 'in 3 minutes', 'in 2 hours',
  ]);
  assert.equal(inWords({ code: 'too_many_attempts', retry_after_ms: 60_000 }), 'Too many attempts. Try again in 60 seconds.');
  assert.deepEqual([count(1, 'person', 'people'), count(2, 'person', 'people')], ['1 person', '2 people']);
});

test('a username, a password and a name are looked at before they are sent', () => {
  for (const good of ['avi', 'ab', '0x', 'A1_.-', 'x'.repeat(32), ' avi ']) assert.equal(username(good), null, good);
  for (const bad of ['', 'a', '_a', '_avi', 'a b c', 'зоя', 'x'.repeat(33)]) assert.ok(username(bad), bad);
  assert.match(newPassword('short'), /at least 8 .* 5\.$/);
  // Characters are counted, not what a machine makes of them.
  assert.match(newPassword('🌻'.repeat(7)), /has 7\.$/);
  assert.equal(newPassword('🌻'.repeat(8)), null);
  assert.match(newPassword('x'.repeat(129)), /at most 128/);
  assert.equal(personName('Зоя'), null);
  assert.ok(personName('   '));
  assert.ok(personName('x'.repeat(101)));
});

test('a room code is found however it is written, also in a link', () => {
  for (const written of ['abcde-fghjk', ' ABCDE FGHJK ', 'https://chat.example/room/ABCDEFGHJK', 'https://chat.example/room/abcdefghjk?x#y']) {
    assert.equal(codeIn(written), 'ABCDEFGHJK', written);
    assert.equal(roomCode(written), null, written);
  }
  assert.equal(roomCode('ABCDEFGHJKLM'), null);
  assert.match(roomCode('ABC'), /this one has 3\.$/);
  assert.ok(roomCode(''));
});
