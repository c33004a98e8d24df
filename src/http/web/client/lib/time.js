// Formats times in the reader's time zone. The caller passes "now".
//
// The locale is fixed: the page is in English, and a weekday in another language would look odd in it.

const LOCALE = 'en-GB';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat(LOCALE, options);
const FORMATS = {
  clock: format({ hour: '2-digit', minute: '2-digit' }),
  weekday: format({ weekday: 'short' }),
  longWeekday: format({ weekday: 'long' }),
  date: format({ day: 'numeric', month: 'short' }),
  dateWithYear: format({ day: 'numeric', month: 'short', year: 'numeric' }),
  longDate: format({ weekday: 'long', day: 'numeric', month: 'long' }),
  longDateWithYear: format({ day: 'numeric', month: 'long', year: 'numeric' }),
  moment: format({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' }),
};
const ago = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'always' });

/** Midnights between two times; days with a clock change count as one. @param {Date} from @param {Date} to */
function daysBetween(from, to) {
  /** @param {Date} time */
  const midnight = (time) => Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return Math.round((midnight(to) - midnight(from)) / (24 * HOUR));
}

/** Whether two times are on the same local day. @param {string|number} a @param {string|number} b */
export function sameDay(a, b) {
  return daysBetween(new Date(a), new Date(b)) === 0;
}

/** "14:05". @param {string|number} at */
export function clock(at) {
  return FORMATS.clock.format(new Date(at));
}

/** In full, for tooltips: "12 March 2026 at 14:05". @param {string|number} at */
export function moment(at) {
  return FORMATS.moment.format(new Date(at));
}

/** A date without a time: "12 March 2026". @param {string|number} at */
export function date(at) {
  return FORMATS.longDateWithYear.format(new Date(at));
}

/** Short, for lists: "14:05", "Yesterday", "Mon", "12 Mar", "12 Mar 2024". @param {string|number} at @param {number} now */
export function shortTime(at, now) {
  return relative(at, now, clock(at), FORMATS.weekday, FORMATS.date, FORMATS.dateWithYear);
}

/**
 * The name of a day, for date separators: "Today", "Yesterday", "Monday", "Thursday 12 March", "12 March 2024".
 * @param {string|number} at
 * @param {number} now
 */
export function dayName(at, now) {
  return relative(at, now, 'Today', FORMATS.longWeekday, FORMATS.longDate, FORMATS.longDateWithYear);
}

/**
 * @param {string|number} at
 * @param {number} now
 * @param {string} today
 * @param {Intl.DateTimeFormat} weekday within a week
 * @param {Intl.DateTimeFormat} thisYear
 * @param {Intl.DateTimeFormat} earlier
 */
function relative(at, now, today, weekday, thisYear, earlier) {
  const time = new Date(at);
  const present = new Date(now);
  const days = daysBetween(time, present);
  // With a clock behind the server's a message can be in the future; it counts as today's.
  if (days <= 0) return today;
  if (days === 1) return 'Yesterday';
  if (days < 7) return weekday.format(time);
  return (time.getFullYear() === present.getFullYear() ? thisYear : earlier).format(time);
}

/** "last seen 5 minutes ago", "last seen yesterday at 14:05", "last seen 12 Mar". @param {string|number} at @param {number} now */
export function lastSeen(at, now) {
  const time = new Date(at);
  const past = now - time.getTime();
  if (past < MINUTE) return 'last seen just now';
  if (past < HOUR) return `last seen ${ago.format(-Math.floor(past / MINUTE), 'minute')}`;
  const days = daysBetween(time, new Date(now));
  if (days <= 0) return `last seen ${ago.format(-Math.floor(past / HOUR), 'hour')}`;
  if (days === 1) return `last seen yesterday at ${clock(at)}`;
  if (days < 7) return `last seen ${FORMATS.longWeekday.format(time)} at ${clock(at)}`;
  return `last seen ${shortTime(at, now)}`;
}
