// Links and mentions in a text, by the rules of the server (`src/domain/`), so that what the server counts as a mention is drawn
// as one. Both implementations are tested with tests/links.json.
//
// Characters are compared as code point ranges, since older browsers lack look-behind in patterns.

/** Scripts with spaces between words: no link and no mention begins directly after one of their letters, as in mail addresses. */
const SPACED = [[0x0, 0x58f], [0x1e00, 0x1fff], [0x2c60, 0x2c7f], [0xa640, 0xa69f], [0xa720, 0xa7ff], [0xab30, 0xab6f], [0xff10, 0xff5a]];

/** Punctuation, symbols and invisible characters that end a link, besides those of ASCII. */
const ENDS = [
  [0xa1, 0xa9], [0xab, 0xb1], [0xb4, 0xb4], [0xb6, 0xb8], [0xbb, 0xbf], [0xd7, 0xd7], [0xf7, 0xf7], [0x37e, 0x37e], [0x387, 0x387],
  [0x55a, 0x55f], [0x589, 0x589], [0x5be, 0x5be], [0x5c0, 0x5c0], [0x5c3, 0x5c3], [0x5f3, 0x5f4], [0x60c, 0x60d], [0x61b, 0x61f],
  [0x66a, 0x66d], [0x6d4, 0x6d4], [0x700, 0x70d], [0x964, 0x965], [0x970, 0x970], [0xe2f, 0xe2f], [0xe4f, 0xe4f], [0xe5a, 0xe5b],
  [0xf04, 0xf14], [0x104a, 0x104f], [0x1360, 0x1368], [0x166e, 0x166e], [0x169b, 0x169c], [0x17d4, 0x17da], [0x1800, 0x180f],
  [0x2000, 0x206f], [0x2190, 0x2bff], [0x2e00, 0x2e7f], [0x3000, 0x3004], [0x3008, 0x3020], [0x3030, 0x3030], [0x303d, 0x303d],
  [0x30fb, 0x30fb], [0xfd3e, 0xfd3f], [0xfe00, 0xfe19], [0xfe30, 0xfe6b], [0xfeff, 0xfeff], [0xff00, 0xff0f], [0xff1a, 0xff20],
  [0xff3b, 0xff40], [0xff5b, 0xff65], [0xfff0, 0xfffd], [0x1f000, 0x1faff], [0xe0000, 0xe0fff],
];

/** @param {number[][]} ranges @param {string} character */
const within = (ranges, character) => {
  /** @type {any} */
  const point = character.codePointAt(0);
  return ranges.some(([from, to]) => point >= from && point <= to);
};

/** @param {string} character */
const isAscii = (character) => character < '\u0080';
/** @param {string} character */
const endsLink = (character) => /[\s\p{Cc}<>"\u0060{}|\\^]/u.test(character) || within(ENDS, character);
/** @param {string} character */
const blocks = (character) => within(SPACED, character) && /[\p{Alphabetic}\p{N}]/u.test(character);

/** The last code point of a text; empty for an empty one. @param {string} text */
const lastOf = (text) => {
  const unit = text.charCodeAt(text.length - 1);
  return unit >= 0xdc00 && unit <= 0xdfff ? text.slice(-2) : text.slice(-1);
};

/**
 * The length of the longest prefix of which all characters fit, in code units.
 * @param {string} text
 * @param {(character: string) => boolean} fits
 */
function run(text, fits) {
  let length = 0;
  for (const character of text) {
    if (!fits(character)) break;
    length += character.length;
  }
  return length;
}

/**
 * All `http` and `https` links, in order, without surrounding punctuation.
 * @param {string} text
 * @returns {{at: number, text: string}[]}
 */
export function linksIn(text) {
  const all = [];
  let from = 0;
  for (let colon = text.indexOf('://'); colon >= 0; colon = text.indexOf('://', from)) {
    const after = colon + 3;
    from = after;
    const start = schemeStart(text, colon);
    if (start < 0) continue;
    const host = hostEnd(text, after);
    if (host === after) continue;
    const end = trimmed(text, start, pathEnd(text, host), host);
    all.push({ at: start, text: text.slice(start, end) });
    from = end;
  }
  return all;
}

/** @param {string} text @param {number} colon */
function schemeStart(text, colon) {
  const head = text.slice(Math.max(0, colon - 12), colon);
  /** @type {any} */
  const [scheme] = /[A-Za-z0-9]*$/.exec(head);
  if (!/^https?$/i.test(scheme)) return -1;
  const start = colon - scheme.length;
  const before = lastOf(text.slice(0, start));
  return before !== '' && (before === '_' || blocks(before)) ? -1 : start;
}

/** @param {string} text @param {number} from */
function hostEnd(text, from) {
  const rest = text.slice(from);
  /** @param {string} character */
  const isHost = (character) => (isAscii(character) ? /[A-Za-z0-9\-._~:@[\]%]/.test(character) : !endsLink(character));
  let host = rest.slice(0, run(rest, isHost));
  // Text directly behind "https://example.org" must not become part of the host.
  const label = Math.max(...['.', '@', ':', '['].map((sign) => host.lastIndexOf(sign))) + 1;
  const last = host.slice(label);
  if (last !== '' && isAscii(last[0])) host = host.slice(0, label) + last.slice(0, run(last, isAscii));
  let end = host.length;
  while (end > 0 && '-._~:@[]%'.includes(host[end - 1])) end -= 1;
  return from + end;
}

/** @param {string} text @param {number} host */
function pathEnd(text, host) {
  const rest = text.slice(host);
  return /^[/?#:]/.test(rest) ? host + run(rest, (character) => !endsLink(character)) : host;
}

/**
 * The end of a link without the punctuation around it; a closing bracket is kept if it was opened inside.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {number} host
 */
function trimmed(text, start, end, host) {
  const link = text.slice(start, end);
  /** @param {any} sign */
  const count = (sign) => link.split(sign).length - 1;
  // Counted once: a link may be as long as a text and consist of brackets.
  const surplus = new Map([[')', count(')') - count('(')], [']', count(']') - count('[')]]);
  let to = end;
  for (; to > host; to -= 1) {
    const last = text[to - 1];
    /** @type {any} */
    const left = surplus.get(last);
    if (left > 0) surplus.set(last, left - 1);
    else if (left !== undefined || !".,;:!?'*_~-&=([".includes(last)) break;
  }
  return to;
}

/**
 * Usernames that a text may mention: an `@`, neither inside a word nor in a link, and the characters of a username.
 * @param {string} text
 * @param {{at: number, text: string}[]} links those of the text
 * @returns {{at: number, sign: string, name: string}[]}
 */
export function namesIn(text, links) {
  const all = [];
  for (const match of text.matchAll(/[@\uff20]([A-Za-z0-9][A-Za-z0-9_.-]{1,31})/gu)) {
    const before = lastOf(text.slice(0, match.index));
    const insideWord = before !== '' && (before === '@' || before === '\uff20' || blocks(before));
    const inLink = links.some(({ at, text: link }) => match.index >= at && match.index < at + link.length);
    if (!insideWord && !inLink) all.push({ at: match.index, sign: match[0][0], name: match[1] });
  }
  return all;
}
