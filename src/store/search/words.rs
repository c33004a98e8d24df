//! Splitting texts into words, each with its place in the text.
//!
//! Scripts that put no spaces between words are split into overlapping pairs of characters; an emoji is a word of its own.

use std::ops::Range;

use super::characters::{Class, normalize};

/// Words are cut after so many characters, in texts and queries alike.
const LONGEST: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower-case letters and digits without accents; never empty, without ASCII punctuation.
    pub word: String,
    /// Its bytes in the text.
    pub place: Range<usize>,
}

/// Splits a text. The last character of a dense run is a word of its own, for queries of one character; not so `for_query`.
pub(super) fn split(text: &str, for_query: bool) -> Vec<Word> {
    let mut splitter = Splitter { words: Vec::new(), letters: None, dense: None, for_query };
    normalize(text, |c, class, place| splitter.take(c, class, place));
    splitter.end_letters();
    splitter.end_dense();
    splitter.words
}

struct Splitter {
    words: Vec<Word>,
    /// The current word of letters, and its number of characters.
    letters: Option<(Word, usize)>,
    /// The last character of a dense run, its bytes, and whether it is the run's first.
    dense: Option<(char, Range<usize>, bool)>,
    for_query: bool,
}

impl Splitter {
    fn take(&mut self, c: char, class: Class, place: Range<usize>) {
        if class == Class::Ignored {
            self.widen(&place);
            return;
        }
        if class != Class::Letter {
            self.end_letters();
        }
        if class != Class::Dense {
            self.end_dense();
        }
        match class {
            Class::Letter => match &mut self.letters {
                Some((word, count)) => {
                    if *count < LONGEST {
                        word.word.push(c);
                    }
                    *count += 1;
                    word.place.end = place.end;
                }
                None => self.letters = Some((Word { word: c.into(), place }, 1)),
            },
            Class::Dense => {
                let first = match self.dense.take() {
                    Some((before, begun, _)) => {
                        let word = [before, c].iter().collect();
                        self.words.push(Word { word, place: begun.start..place.end });
                        false
                    }
                    None => true,
                };
                self.dense = Some((c, place, first));
            }
            Class::Sign => self.words.push(Word { word: c.into(), place }),
            Class::Gap | Class::Ignored => {}
        }
    }

    /// An ignored character belongs to the one before it, so that an accent is highlighted with its letter.
    fn widen(&mut self, by: &Range<usize>) {
        let place = match (&mut self.letters, &mut self.dense) {
            (Some((word, _)), _) => Some(&mut word.place),
            (_, Some((_, place, _))) => Some(place),
            _ => self.words.last_mut().map(|word| &mut word.place),
        };
        if let Some(place) = place
            && place.end == by.start
        {
            place.end = by.end;
        }
    }

    fn end_letters(&mut self) {
        if let Some((word, _)) = self.letters.take() {
            self.words.push(word);
        }
    }

    fn end_dense(&mut self) {
        if let Some((c, place, first)) = self.dense.take()
            && (first || !self.for_query)
        {
            self.words.push(Word { word: c.into(), place });
        }
    }
}

pub(crate) fn of_text(text: &str) -> Vec<Word> {
    split(text, false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::query::{Query, Term};
    use super::*;

    fn words(text: &str) -> Vec<String> {
        of_text(text).into_iter().map(|word| word.word).collect()
    }

    fn query(text: &str) -> Vec<String> {
        let shown = |term: &Term| format!("{}{}", term.word, if term.is_prefix { "*" } else { "" });
        Query::parse(text).map(|query| query.words().iter().map(shown).collect()).unwrap_or_default()
    }

    #[test]
    fn words_are_small_and_without_accents() {
        assert_eq!(words("Crème BRÛLÉE, it's 12.5 a_b!"), ["creme", "brulee", "it", "s", "12", "5", "a", "b"]);
        assert_eq!(
            words("cafe\u{301} ﬁn ㎏ ½ Straße İstanbul ΣΟΦΟΣ σοφος Ⅷ"),
            ["cafe", "fin", "kg", "1", "2", "strasse", "istanbul", "σοφοσ", "σοφοσ", "viii"]
        );
        assert_eq!(words("שָׁלוֹם עולם"), ["שלום", "עולם"]);
        assert_eq!(words("co\u{ad}op नमस्ते की के").len(), 4);
        assert_eq!(words("hi👍🏽 ❤\u{fe0f}x"), ["hi", "👍", "❤", "x"]);
        assert_eq!(words("… -- * \" ^ \u{0}"), Vec::<String>::new());
    }

    #[test]
    fn dense_scripts_are_pairs() {
        assert_eq!(words("日本語 x"), ["日本", "本語", "語", "x"]);
        assert_eq!(words("ab日c"), ["ab", "日", "c"]);
        assert_eq!(query("日本語"), ["日本", "本語*"]);
        assert_eq!(query("日 go"), ["日*", "go*"]);
        assert_eq!(query("go go Go"), ["go"]);
    }

    #[test]
    fn long_words_are_cut_alike() {
        let long = "Ü".repeat(16_000);
        assert_eq!(words(&long), ["u".repeat(LONGEST)]);
        assert_eq!(of_text(&long)[0].place, 0..32_000);
    }

    proptest! {
        #[test]
        fn every_word_is_at_its_place_in_the_text(text in "\\PC*|.*|[\u{e00}-\u{30ff}a-z ﷺ\u{1f1e6}-\u{1f64f}]*") {
            let words = of_text(&text);
            for Word { word, place } in &words {
                prop_assert!(text.get(place.clone()).is_some_and(|piece| !piece.is_empty()));
                prop_assert!((1..=LONGEST).contains(&word.chars().count()));
                prop_assert!(word.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()));
                prop_assert!(!word.contains(super::super::terms::SESSION));
            }
            prop_assert!(words.windows(2).all(|two| two[0].place.start <= two[1].place.start));
            // Every text matches itself as a query.
            if let Some(query) = Query::parse(&text) {
                for term in query.words() {
                    prop_assert!(words.iter().any(|word| term.matches(&word.word)), "{term:?} in {words:?}");
                }
            }
        }
    }
}
