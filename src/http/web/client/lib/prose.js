// What a message's text is made of: plain words, links, names of people. And what is known of a text without its meaning:
// whether it is only emoji, how many bytes it takes, where a long one is cut. Nothing here makes markup.

import { graphemes } from './graphemes.js';
import { linksIn, namesIn } from './links.js';

/**
 * A piece of a text. `href` is there on links, `name` (a username as written) on mentions.
 * @typedef {{text: string, href?: string, name?: string}} Piece
 */

const EMOJI = emojiPattern();

/** Exactly the emoji of the standard where the browser knows them as a class, else whatever is made of their parts. */
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
 * Cuts a text into its pieces, in order; together they are the text.
 * @param {string} text
 * @param {string[]} mentions the usernames that count as mentions; others stay plain
 * @returns {Piece[]}
 */
export function pieces(text, mentions = []) {
  const links = linksIn(text);
  const found = [...linked(links), ...named(text, links, mentions)].sort((a, b) => a.at - b.at);
  const all = [];
  let done = 0;
  for (const { at, ...piece } of found) {
    // A name inside a link belongs to the link.
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
    // The rules let nothing else through, but only this says what the browser will make of it.
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
    // "@lisa." at the end of a sentence means lisa, unless somebody is called "lisa.".
    const name = [whole, whole.replace(/[_.-]+$/u, '')].find((one) => known.has(one.toLowerCase()));
    if (name) all.push({ at, text: sign + name, name });
  }
  return all;
}

/** True where a text is one to six emoji and nothing else: it is shown large. @param {string} text */
export function onlyEmoji(text) {
  if (text.length > 120 || !EMOJI.test(text)) return false;
  const count = graphemes(text.replace(/\s/gu, '')).length;
  return count >= 1 && count <= 6;
}

/**
 * True for one emoji or other character, as a reaction wants it; the longest emoji has 35 bytes.
 * @param {string} text
 * @param {number} [maxBytes]
 */
export function isOneCharacter(text, maxBytes = 40) {
  return text.trim() !== '' && bytes(text) <= maxBytes && graphemes(text).length === 1;
}

/** How long a text is for the server. @param {string} text */
export function bytes(text) {
  return encoder.encode(text).length;
}

/**
 * What of a long text is shown at first; the text itself where that is nearly all.
 * @param {string} text
 * @param {number} [characters]
 * @param {number} [lines]
 */
export function fold(text, characters = 900, lines = 16) {
  const head = text.split('\n', lines).join('\n').slice(0, characters);
  if (text.length - head.length < 200 && text.split('\n').length <= lines + 3) return text;
  // Not inside a character of two units, and rather between words.
  const space = head.length === characters ? head.lastIndexOf(' ') : -1;
  return (space > characters / 2 ? head.slice(0, space) : head.replace(/[\uD800-\uDBFF]$/u, '')).trimEnd();
}

/**
 * A text as it may be sent: control characters a keyboard cannot make, and space around it, are gone; empty where nothing is to be seen.
 * @param {string} text
 */
export function sendable(text) {
  if (/^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text)) return '';
  return text.replace(/(?![\t\n])\p{Cc}/gu, '').replace(/^\s*\n/u, '').trimEnd();
}

/** The first line of a text, for previews. @param {string} text @param {number} [characters] */
export function firstLine(text, characters = 160) {
  return text.trim().split('\n', 1)[0].slice(0, characters);
}
