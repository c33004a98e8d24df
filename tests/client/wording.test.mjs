// Error messages, and validation before a request.

import assert from 'node:assert/strict';
import test from 'node:test';

import { codeIn, newPassword, personName, roomCode, username } from '../../src/http/web/client/lib/validation.js';
import { count, errorText, retryTime, invalidField } from '../../src/http/web/client/lib/wording.js';

/** Every documented code, and the client's own. */
const CODES = [
  'invalid_request', 'unknown_user', 'unauthenticated', 'wrong_password', 'forbidden', 'invite_required', 'blocked', 'not_found',
  'unknown_room', 'username_taken', 'already_connected', 'key_conflict', 'limit_reached', 'invite_closed', 'too_large',
  'unsupported_media_type', 'too_many_attempts', 'rate_limited', 'busy', 'unavailable', 'internal', 'offline',
];

const UNKNOWN = errorText({ code: 'of a newer server' });

test('every error code has a message of its own', () => {
  const message = 'The reason of the server.';
  const texts = CODES.map((code) => errorText({ code, message }));
  for (const [i, sentence] of texts.entries()) {
    assert.match(sentence, /^[A-Z“].*[.]$/u, CODES[i]);
    assert.notEqual(sentence, UNKNOWN, CODES[i]);
  }
  // Two pairs share the server's message.
  assert.equal(new Set(texts).size, CODES.length - 2);
});

test('a view can have a more exact message for a code', () => {
  assert.equal(errorText({ code: 'forbidden' }, { forbidden: 'No guests here.' }), 'No guests here.');
});

test('the message for an invalid field has no backticks', () => {
  const error = { code: 'invalid_request', message: '`password` must have 8 to 128 characters' };
  assert.equal(errorText(error), 'Password must have 8 to 128 characters.');
  assert.equal(errorText({ ...error, message: '`display_name` must not be empty.' }), 'Display name must not be empty.');
  assert.equal(errorText({ ...error, message: 'the body must be a JSON object' }), 'This was not accepted: the body must be a JSON object.');
  assert.equal(invalidField(error), 'password');
  assert.equal(invalidField({ code: 'forbidden', message: '`password`' }), undefined);
});

test('a retry time is shown in seconds, minutes or hours', () => {
  const texts = [undefined, 400, 1000, 42_000, 89_500, 180_000, 7_200_000].map((ms) => retryTime({ retry_after_ms: ms }));
  assert.deepEqual(texts, [
    'in a moment', 'in 1 second', 'in 1 second', 'in 42 seconds', 'in 2 minutes', 'in 3 minutes', 'in 2 hours',
  ]);
  assert.equal(errorText({ code: 'too_many_attempts', retry_after_ms: 60_000 }), 'Too many attempts. Try again in 60 seconds.');
  assert.deepEqual([count(1, 'person', 'people'), count(2, 'person', 'people')], ['1 person', '2 people']);
});

test('usernames, passwords and names are validated before they are sent', () => {
  for (const good of ['avi', 'ab', '0x', 'A1_.-', 'x'.repeat(32), ' avi ']) assert.equal(username(good), null, good);
  for (const bad of ['', 'a', '_a', '_avi', 'a b c', 'зоя', 'x'.repeat(33)]) assert.ok(username(bad), bad);
  assert.match(newPassword('short'), /at least 8 .* 5\.$/);
  // Characters are counted, not bytes or code units.
  assert.match(newPassword('🌻'.repeat(7)), /has 7\.$/);
  assert.equal(newPassword('🌻'.repeat(8)), null);
  assert.match(newPassword('x'.repeat(129)), /at most 128/);
  assert.equal(personName('Зоя'), null);
  assert.ok(personName('   '));
  assert.ok(personName('x'.repeat(101)));
});

test('a room code is recognised in any spelling, also in a link', () => {
  for (const written of ['abcde-fghjk', ' ABCDE FGHJK ', 'https://chat.example/room/ABCDEFGHJK', 'https://chat.example/room/abcdefghjk?x#y']) {
    assert.equal(codeIn(written), 'ABCDEFGHJK', written);
    assert.equal(roomCode(written), null, written);
  }
  assert.equal(roomCode('ABCDEFGHJKLM'), null);
  assert.match(roomCode('ABC'), /this one has 3\.$/);
  assert.ok(roomCode(''));
});
