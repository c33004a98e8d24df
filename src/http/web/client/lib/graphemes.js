// Splits a text into user-perceived characters.

/** Missing in Firefox before 125. */
const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

/** The substitute: flags, emoji sequences, letters with combining marks. */
const CLUSTER = /\p{Regional_Indicator}{2}|\p{Emoji}[\p{Emoji_Modifier}\p{M}\u20E3\u{E0020}-\u{E007F}]*(?:\u200D\p{Extended_Pictographic}[\p{Emoji_Modifier}\p{M}]*)*|\P{M}\p{M}*|\p{M}+/gsu;

/** @param {string} text @returns {string[]} */
export function graphemes(text) {
  if (!segmenter) return text.match(CLUSTER) ?? [];
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** The first one, without splitting the rest; empty for an empty text. @param {string} text */
export function firstGrapheme(text) {
  if (!segmenter) return graphemes(text.slice(0, 64))[0] ?? '';
  return segmenter.segment(text)[Symbol.iterator]().next().value?.segment ?? '';
}
