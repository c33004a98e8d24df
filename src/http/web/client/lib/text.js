// The parts of a message's text: plain text, links, mentions; and properties of a text: only emoji, length in bytes, where it is
// folded. Nothing here makes markup.

import { graphemes } from './graphemes.js';
import { linksIn, namesIn } from './links.js';

/**
 * A segment of a text. Links have `href`, mentions have `name`, the username as written.
 * @typedef {{text: string, href?: string, name?: string}} Piece
 */

const EMOJI = emojiPattern();

/** The emoji of the standard where the browser supports them as a class, otherwise sequences of their parts. */
function emojiPattern() {
  try {
    return new RegExp('^(?:\\p{RGI_Emoji}|\\s)+$', 'v');
  } catch {
    // eslint-disable-next-line no-misleading-character-class -- parts of emoji are meant one by one
    return /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[#*0-9]\uFE0F?\u20E3|[\u200D\uFE0F\u{E0020}-\u{E007F}]|\s)+$/u;
  }
}

const encoder = new TextEncoder();

/**
 * Splits a text into segments, in order; joined they are the text.
 * @param {string} text
 * @param {string[]} mentions the usernames that count as mentions; others remain plain
 * @returns {Piece[]}
 */
export function pieces(text, mentions = []) {
  const links = linksIn(text);
  const found = [...linked(links), ...named(text, links, mentions)].sort((a, b) => a.at - b.at);
  const all = [];
  let done = 0;
  for (const { at, ...piece } of found) {
    // A mention inside a link belongs to the link.
    if (at < done) continue;
    if (at > done) all.push({ text: text.slice(done, at) });
    all.push(piece);
    done = at + piece.text.length;
  }
  if (done < text.length) all.push({ text: text.slice(done) });
  return all;
}

/** @param {{at: number, text: string}[]} links */
function linked(links) {
  const all = [];
  for (const { at, text } of links) {
    const url = urlOf(text);
    // The rules allow no other protocol, but only the parsed URL shows what the browser will open.
    if (url && (url.protocol === 'https:' || url.protocol === 'http:')) all.push({ at, text, href: url.href });
  }
  return all;
}

/** @param {string} text */
function urlOf(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** @param {string} text @param {{at: number, text: string}[]} links @param {string[]} mentions */
function named(text, links, mentions) {
  if (mentions.length === 0) return [];
  const known = new Set(mentions.map((name) => name.toLowerCase()));
  const all = [];
  for (const { at, sign, name: whole } of namesIn(text, links)) {
    // "@lisa." at the end of a sentence mentions lisa, unless there is a user "lisa.".
    const name = [whole, whole.replace(/[_.-]+$/u, '')].find((one) => known.has(one.toLowerCase()));
    if (name) all.push({ at, text: sign + name, name });
  }
  return all;
}

/** Whether a text is one to six emoji and nothing else: it is shown large. @param {string} text */
export function onlyEmoji(text) {
  if (text.length > 120 || !EMOJI.test(text)) return false;
  const count = graphemes(text.replace(/\s/gu, '')).length;
  return count >= 1 && count <= 6;
}

/**
 * Whether a text is one emoji or other character, as reactions require; the longest emoji has 35 bytes.
 * @param {string} text
 * @param {number} [maxBytes]
 */
export function isOneCharacter(text, maxBytes = 40) {
  return text.trim() !== '' && bytes(text) <= maxBytes && graphemes(text).length === 1;
}

/** The length that the server counts. @param {string} text */
export function bytes(text) {
  return encoder.encode(text).length;
}

/**
 * The part of a long text that is shown folded; the text itself where little would be hidden.
 * @param {string} text
 * @param {number} [characters]
 * @param {number} [lines]
 */
export function fold(text, characters = 900, lines = 16) {
  const head = text.split('\n', lines).join('\n').slice(0, characters);
  if (text.length - head.length < 200 && text.split('\n').length <= lines + 3) return text;
  // Not inside a surrogate pair, and preferably at a space.
  const space = head.length === characters ? head.lastIndexOf(' ') : -1;
  return (space > characters / 2 ? head.slice(0, space) : head.replace(/[\uD800-\uDBFF]$/u, '')).trimEnd();
}

/**
 * The text as it is sent: without control characters and surrounding space; empty if nothing in it is visible.
 * @param {string} text
 */
export function sendable(text) {
  if (/^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text)) return '';
  return text.replace(/(?![\t\n])\p{Cc}/gu, '').replace(/^\s*\n/u, '').trimEnd();
}

/** The first line, for previews. @param {string} text @param {number} [characters] */
export function firstLine(text, characters = 160) {
  return text.trim().split('\n', 1)[0].slice(0, characters);
}
