//! The part of a found text to display: about 200 characters around the first hit, with every hit in it marked.

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

use super::query::Query;
use super::words;
use crate::domain::Piece;

/// A snippet has about so many characters, …
const LENGTH: usize = 200;
/// … so many of them before the first hit.
const BEFORE: usize = 60;

/// The snippet of a text; `None` where the text does not have every word of the query.
pub(super) fn snippet(text: &str, query: &Query) -> Option<Vec<Piece>> {
    let hits = hits(text, query)?;
    let shown = window(text, hits.first()?);
    let mut pieces = Vec::new();
    let mut at = shown.start;
    for hit in hits {
        let (start, end) = (hit.start.max(at), hit.end.min(shown.end));
        if start < end {
            push(&mut pieces, text, at..start, false);
            push(&mut pieces, text, start..end, true);
            at = end;
        }
    }
    push(&mut pieces, text, at..shown.end, false);
    Some(pieces)
}

fn push(pieces: &mut Vec<Piece>, text: &str, part: Range<usize>, hit: bool) {
    if let Some(text) = text.get(part)
        && !text.is_empty()
    {
        pieces.push(Piece { text: text.to_owned(), hit });
    }
}

/// The ranges of all matching words, in order, overlapping ones merged.
fn hits(text: &str, query: &Query) -> Option<Vec<Range<usize>>> {
    let mut missing: Vec<bool> = query.words().iter().map(|_| true).collect();
    let mut hits: Vec<Range<usize>> = Vec::new();
    for word in words::of_text(text) {
        let mut is_hit = false;
        for (term, missing) in query.words().iter().zip(&mut missing) {
            if term.matches(&word.word) {
                (is_hit, *missing) = (true, false);
            }
        }
        match hits.last_mut() {
            Some(last) if is_hit && word.place.start < last.end => last.end = last.end.max(word.place.end),
            _ if is_hit => hits.push(word.place),
            _ => {}
        }
    }
    if missing.contains(&true) { None } else { Some(hits) }
}

/// The bytes to display, cut at spaces or between grapheme clusters.
fn window(text: &str, first: &Range<usize>) -> Range<usize> {
    let before = text.get(..first.start).unwrap_or_default();
    let start = before.char_indices().rev().nth(BEFORE).map_or(0, |(from, _)| {
        let head = before.get(from..).unwrap_or_default();
        let space = head.char_indices().find(|(_, c)| c.is_whitespace());
        space.map_or_else(|| boundary(text, from).min(first.start), |(at, c)| from + at + c.len_utf8())
    });
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.char_indices().nth(LENGTH).map_or(text.len(), |(length, _)| {
        let to = start + length;
        let behind = text.get(first.end..to).unwrap_or_default();
        let space = behind.char_indices().rev().find(|(_, c)| c.is_whitespace());
        space.map_or_else(|| boundary(text, to), |(at, _)| first.end + at)
    });
    start..end
}

/// The first grapheme boundary from `at` on; `at` itself where there is none near.
fn boundary(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    if cursor.is_boundary(text, 0) == Ok(true) {
        return at;
    }
    match cursor.next_boundary(text, 0) {
        // Hundreds of accents on one letter are no reason to show them all.
        Ok(Some(next)) if next - at <= LENGTH => next,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The snippet with its hits in brackets.
    fn shown(text: &str, query: &str) -> Option<String> {
        let piece = |piece: Piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text };
        snippet(text, &Query::parse(query).unwrap()).map(|pieces| pieces.into_iter().map(piece).collect())
    }

    #[test]
    fn hits_are_marked_as_they_are_written_in_the_text() {
        assert_eq!(shown("Ein Café, zwei CAFÉS", "cafe"), Some("Ein [Café], zwei [CAFÉS]".to_owned()));
        assert_eq!(shown("Ein Café, zwei CAFÉS", "cafe ein"), Some("[Ein] [Café], zwei CAFÉS".to_owned()));
        assert_eq!(shown("one two", "two three"), None);
        assert_eq!(shown("我是中国人。", "中国人"), Some("我是[中国人]。".to_owned()));
        assert_eq!(shown("שָׁלוֹם לך", "שלום"), Some("[שָׁלוֹם] לך".to_owned()));
        assert_eq!(shown("ok 👍🏽!", "👍"), Some("ok [👍🏽]!".to_owned()));
        assert_eq!(shown("ﷺ", "الله"), Some("[ﷺ]".to_owned()));
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        let text = format!("{}needle {}", "straw ".repeat(500), "hay ".repeat(500));
        let shown = shown(&text, "needle").unwrap();
        assert!(shown.starts_with("straw straw ") && shown.contains(" [needle] hay ") && shown.ends_with("hay"));
        assert!((150..=LENGTH + 2).contains(&shown.chars().count()), "{shown:?}");
    }

    #[test]
    fn a_very_long_word_is_cut_too() {
        for text in
            ["x".repeat(16_000), "👩‍👩‍👧".repeat(900), format!("x{}", "\u{301}".repeat(8_000)), "中国".repeat(3_000)]
        {
            let query = Query::parse(&text.chars().take(2).collect::<String>()).unwrap();
            let length: usize = snippet(&text, &query).unwrap().iter().map(|piece| piece.text.chars().count()).sum();
            assert!((1..=2 * LENGTH).contains(&length), "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_a_part_of_the_text(
            text in "([\u{20}-\u{7e}\u{e0}-\u{ff}]{0,9} ?|\\PC{0,4}|[\u{e00}-\u{30ff}ﷺ\u{301}\u{200d}\u{1f1e6}-\u{1f64f}]{0,90}){0,40}",
            from in 0_usize..300, length in 1_usize..9,
        ) {
            let searched: String = text.chars().skip(from).take(length).collect();
            if let Some(query) = Query::parse(&searched) && let Some(pieces) = snippet(&text, &query) {
                let all: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
                prop_assert!(text.contains(&all));
                prop_assert!(pieces.iter().any(|piece| piece.hit) && pieces.iter().all(|piece| !piece.text.is_empty()));
                prop_assert!(all.chars().count() <= 2 * LENGTH);
            }
        }
    }
}
