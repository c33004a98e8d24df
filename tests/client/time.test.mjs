// Formatted times in a fixed zone with a clock change (Europe/Berlin: 29 March 2026, 02:00 → 03:00).

process.env.TZ = 'Europe/Berlin';

import assert from 'node:assert/strict';
import test from 'node:test';

const { clock, date, dayName, lastSeen, moment, sameDay, shortTime } = await import('../../src/http/web/client/lib/time.js');

const NOW = Date.parse('2026-03-18T13:05:30.000Z'); // a Wednesday, 14:05 in Berlin
const before = (ms) => new Date(NOW - ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('a clock time is local, with two digits each', () => {
  assert.equal(clock('2026-03-18T13:05:30.000Z'), '14:05');
  assert.equal(clock('2026-03-17T23:00:00.000Z'), '00:00');
  assert.equal(clock('2026-07-01T06:09:00.000Z'), '08:09');
});

test('a full time and a full date include the year', () => {
  assert.match(moment(NOW), /^18 March 2026.* 14:05$/);
  assert.equal(date('2024-03-11T23:30:00.000Z'), '12 March 2024');
});

test('a list shows the shortest form of a time', () => {
  assert.equal(shortTime(NOW, NOW), '14:05');
  assert.equal(shortTime('2026-03-17T23:00:00.000Z', NOW), '00:00', 'today begins at the local midnight');
  assert.equal(shortTime('2026-03-17T22:59:59.000Z', NOW), 'Yesterday');
  assert.equal(shortTime(before(2 * DAY), NOW), 'Mon');
  assert.equal(shortTime(before(6 * DAY), NOW), 'Thu');
  assert.equal(shortTime(before(7 * DAY), NOW), '11 Mar');
  assert.equal(shortTime('2025-12-31T12:00:00.000Z', NOW), '31 Dec 2025');
});

test('a time ahead of this clock is today', () => {
  assert.equal(shortTime(NOW + 2 * DAY, NOW), '14:05');
  assert.equal(dayName(NOW + 2 * DAY, NOW), 'Today');
  assert.equal(lastSeen(NOW + MINUTE, NOW), 'last seen just now');
});

test('a day has a name', () => {
  assert.equal(dayName(NOW, NOW), 'Today');
  assert.equal(dayName(before(DAY), NOW), 'Yesterday');
  assert.equal(dayName(before(3 * DAY), NOW), 'Sunday');
  assert.match(dayName(before(9 * DAY), NOW), /^Monday,? 9 March$/);
  assert.equal(dayName('2024-03-12T12:00:00.000Z', NOW), '12 March 2024');
});

test('a day with a clock change counts as one day', () => {
  const after = Date.parse('2026-03-29T22:30:00.000Z'); // 30 March, 00:30: the day before had 23 hours
  assert.equal(shortTime('2026-03-28T23:30:00.000Z', after), 'Yesterday');
  assert.equal(shortTime('2026-03-28T22:30:00.000Z', after), 'Sat');
  assert.ok(sameDay('2026-03-28T23:00:00.000Z', '2026-03-29T21:59:00.000Z'));
  assert.ok(!sameDay('2026-03-28T22:59:00.000Z', '2026-03-28T23:00:00.000Z'));
});

test('last seen is as exact as useful', () => {
  assert.equal(lastSeen(before(59_999), NOW), 'last seen just now');
  assert.equal(lastSeen(before(MINUTE), NOW), 'last seen 1 minute ago');
  assert.equal(lastSeen(before(5 * MINUTE), NOW), 'last seen 5 minutes ago');
  assert.equal(lastSeen(before(3 * HOUR), NOW), 'last seen 3 hours ago');
  assert.equal(lastSeen(before(20 * HOUR), NOW), 'last seen yesterday at 18:05');
  assert.equal(lastSeen(before(3 * DAY), NOW), 'last seen Sunday at 14:05');
  assert.equal(lastSeen(before(30 * DAY), NOW), 'last seen 16 Feb');
  assert.equal(lastSeen('2024-03-12T12:00:00.000Z', NOW), 'last seen 12 Mar 2024');
});
