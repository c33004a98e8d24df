// The segments of a text: safe links and mentions; and where long texts are folded.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, firstLine, fold, isOneCharacter, onlyEmoji, pieces, sendable } from '../../src/http/web/client/lib/text.js';

const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => piece.text);

test('the segments of a text add up to the text', () => {
  const texts = ['', 'plain', 'see https://a.example/x, @avi!', '@avi', 'https://a.example', ' \n https://a.example\n@avi.\n', 'a'.repeat(20_000)];
  for (const text of texts) assert.equal(pieces(text, ['avi']).map((piece) => piece.text).join(''), text);
});

test('only http and https become links', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://', 'http:// a', 'xhttps://a.example', 'mailto:avi@a.example']) {
    assert.deepEqual(links(text), [], text);
  }
  const [link] = pieces('https://a.example/<script>');
  assert.equal(link.href, 'https://a.example/');
});

test('names are mentions only if the server lists them', () => {
  const names = (text, mentions) => pieces(text, mentions).filter((piece) => piece.name).map((piece) => piece.name);
  assert.deepEqual(names('@Avi, ask @lisa. (@mark)', ['avi', 'lisa']), ['Avi', 'lisa']);
  assert.deepEqual(names('@lisa.', ['lisa.']), ['lisa.']);
  assert.deepEqual(names('mail x@avi.example or @@avi', ['avi']), []);
  assert.deepEqual(names('https://a.example/@avi', ['avi']), []);
  assert.deepEqual(names('@avi', []), []);
});

test('a few emoji alone are shown large', () => {
  for (const text of ['👍', '👩‍👩‍👧‍👦', '🇫🇷 🇩🇪', '❤️', '👍🏽👍🏽👍🏽']) assert.ok(onlyEmoji(text), text);
  for (const text of ['', ' ', '1', '#', '👍 ok', '👍'.repeat(7), 'ok']) assert.ok(!onlyEmoji(text), text);
});

test('a reaction is one character and not too long', () => {
  for (const text of ['👍', '👩‍👩‍👧‍👦', '🇫🇷', 'x']) assert.ok(isOneCharacter(text), text);
  for (const text of ['', ' ', '👍👍', 'ok', `e${'\u0301'.repeat(40)}`]) assert.ok(!isOneCharacter(text), text);
});

test('length is counted in bytes', () => {
  assert.equal(bytes('aä€👍'), 1 + 2 + 3 + 4);
});

test('a long text is folded at a space, unless little would be hidden', () => {
  const long = 'text '.repeat(1000).trim();
  const head = fold(long);
  assert.ok(head.length <= 900 && long.startsWith(`${head} `));
  assert.equal(fold('short'), 'short');
  assert.equal(fold('x'.repeat(1000)), 'x'.repeat(1000));
  assert.equal(fold('line\n'.repeat(100)).split('\n').length, 16);
  assert.ok(!/[\uD800-\uDBFF]$/u.test(fold(`x${'👍'.repeat(2000)}`)));
});

test('sent text has no control characters and no surrounding space', () => {
  assert.equal(sendable('  \n\n  code\n\tmore\u0000\u001b \n\n'), '  code\n\tmore');
  assert.equal(sendable(' \n\t '), '');
  assert.equal(sendable('\u200b\ufeff\u3164'), '');
  assert.equal(sendable('a\u200db'), 'a\u200db');
});

test('a preview is the first line', () => {
  assert.equal(firstLine('\n one\ntwo'), 'one');
});
