//! Splitting texts into words, each with its place in the text.
//!
//! Compatibility forms are taken apart (NFKD), accents and points fall away, letters become small, and Latin letters that have no
//! such form (ł, ø, œ …) are read as people type them. Marks that make another letter stay: the voicing of kana and й. Scripts
//! that write no spaces between words are split into overlapping pairs of characters; an emoji is a word of its own.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, is_combining_mark};

/// Words are cut after so many characters, the searched ones alike.
const LONGEST: usize = 32;

/// A word as it is looked for, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Small letters and digits without accents; never empty, nothing that is ASCII punctuation.
    pub word: String,
    /// Its bytes in the text.
    pub place: Range<usize>,
}

/// What kind of a word a character can be part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Words with spaces between them.
    Letter,
    /// No spaces: pairs.
    Dense,
    /// A word of its own.
    Sign,
    /// Between words.
    Gap,
    /// As if it were not there.
    Nothing,
}

fn class(c: char) -> Class {
    match c {
        // Soft hyphen, joiners, marks of direction, the Arabic stretch, colours of skin.
        '\u{ad}'
        | '\u{640}'
        | '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{1f3fb}'..='\u{1f3ff}' => Class::Nothing,
        _ if c.is_ascii() => {
            if c.is_ascii_alphanumeric() {
                Class::Letter
            } else {
                Class::Gap
            }
        }
        _ if canonical_combining_class(c) != 0 => Class::Nothing,
        // Thai, Lao, Myanmar, Khmer, kana, Han.
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
            if c.is_alphanumeric() =>
        {
            Class::Dense
        }
        '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => {
            Class::Sign
        }
        // Vowel signs of Indian scripts are part of their words; other marks, such as variation selectors, are not.
        _ if c.is_alphanumeric() => Class::Letter,
        _ if is_combining_mark(c) => Class::Nothing,
        _ => Class::Gap,
    }
}

/// Letters that Unicode does not take apart, as they are typed without the key for them.
fn typed(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' | 'ɖ' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ı' => "i",
        'ĸ' => "k",
        'ƀ' | 'ɓ' => "b",
        'ɗ' => "d",
        'ƒ' => "f",
        'ɠ' | 'ǥ' => "g",
        'ɨ' => "i",
        'ƙ' => "k",
        'ƴ' => "y",
        'ƶ' => "z",
        'ʉ' => "u",
        'ς' => "σ",
        _ => return None,
    })
}

/// The letter that `mark` makes of the one before it, where that is another letter and not an accented one.
fn composed(letter: char, mark: char) -> Option<char> {
    let makes_another = matches!(mark, '\u{3099}' | '\u{309a}') || (mark == '\u{306}' && letter == 'и');
    if makes_another { compose(letter, mark) } else { None }
}

/// Calls `take` with every character of `text` as words are made of it.
fn plain(text: &str, mut take: impl FnMut(char, Class, Range<usize>)) {
    // Held back, since a mark behind it may make another letter of it.
    let mut held: Option<(char, Range<usize>)> = None;
    for (at, c) in text.char_indices() {
        let place = at..at + c.len_utf8();
        for part in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
            if let Some((letter, begun)) = &mut held
                && let Some(other) = composed(*letter, part)
            {
                *letter = other;
                begun.end = place.end;
                continue;
            }
            if let Some((letter, begun)) = held.take() {
                take(letter, class(letter), begun);
            }
            match typed(part) {
                Some(letters) => letters.chars().for_each(|letter| take(letter, Class::Letter, place.clone())),
                None if part.is_ascii() => take(part, class(part), place.clone()),
                None => held = Some((part, place.clone())),
            }
        }
    }
    if let Some((letter, place)) = held {
        take(letter, class(letter), place);
    }
}

/// Splits; `for_query`: of a dense run only the pairs, not its last character alone, which is there for queries of one.
fn split(text: &str, for_query: bool) -> Vec<Word> {
    let mut splitter = Splitter { words: Vec::new(), letters: None, dense: None, for_query };
    plain(text, |c, class, place| splitter.take(c, class, place));
    splitter.end_letters();
    splitter.end_dense();
    splitter.words
}

struct Splitter {
    words: Vec<Word>,
    /// A word of letters that has begun, and its number of characters.
    letters: Option<(Word, usize)>,
    /// The last character of a dense run, its place, and whether it is the run's first.
    dense: Option<(char, Range<usize>, bool)>,
    for_query: bool,
}

impl Splitter {
    fn take(&mut self, c: char, class: Class, place: Range<usize>) {
        if class == Class::Nothing {
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
            Class::Gap | Class::Nothing => {}
        }
    }

    /// What does not count belongs to the character before it, so that an accent is highlighted with its letter.
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

/// The words of a message's text.
pub(crate) fn of_text(text: &str) -> Vec<Word> {
    split(text, false)
}

/// The words of a query, each once, for something that is not a message: all of them may be unfinished.
pub(crate) fn of_query(text: &str) -> Vec<String> {
    let words = Query::parse(text).map(|query| query.0).unwrap_or_default();
    words.into_iter().map(|wanted| wanted.word).collect()
}

/// A letter of Hangul, as NFKD writes its syllables.
const fn is_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}')
}

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// As [`Word::word`].
    pub word: String,
    /// Words that begin so are meant too.
    pub begins: bool,
}

impl Wanted {
    /// True for a word that is meant.
    pub(crate) fn means(&self, word: &str) -> bool {
        if self.begins { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// What somebody looks for: at least one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query(Vec<Wanted>);

impl Query {
    /// The words of what somebody typed. The last one may be unfinished, and so may a single character of a script that is
    /// otherwise split into pairs, and a Korean word, to which particles are attached. `None` where there is no word in it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words = split(text, true);
        let count = words.len();
        let mut wanted: Vec<Wanted> = Vec::with_capacity(count);
        for (number, Word { word, .. }) in words.into_iter().enumerate() {
            let mut letters = word.chars();
            let lonely = letters.next().is_some_and(|c| class(c) == Class::Dense) && letters.next().is_none();
            let begins = number + 1 == count || lonely || word.chars().any(is_jamo);
            let word = Wanted { word, begins };
            // What is said twice is looked for once, in its stricter sense.
            match wanted.iter_mut().find(|known| known.word == word.word) {
                Some(known) => known.begins &= word.begins,
                None => wanted.push(word),
            }
        }
        if wanted.is_empty() { None } else { Some(Self(wanted)) }
    }

    /// What is looked for, each word once.
    pub(crate) fn words(&self) -> &[Wanted] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        of_text(text).into_iter().map(|word| word.word).collect()
    }

    fn query(text: &str) -> Vec<String> {
        let shown = |wanted: &Wanted| format!("{}{}", wanted.word, if wanted.begins { "*" } else { "" });
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
        fn every_word_stands_where_it_says(text in "\\PC*|.*|[\u{e00}-\u{30ff}a-z ﷺ\u{1f1e6}-\u{1f64f}]*") {
            let words = of_text(&text);
            for Word { word, place } in &words {
                prop_assert!(text.get(place.clone()).is_some_and(|piece| !piece.is_empty()));
                prop_assert!((1..=LONGEST).contains(&word.chars().count()));
                prop_assert!(word.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()));
                prop_assert!(!word.contains(super::super::index::SESSION));
            }
            prop_assert!(words.windows(2).all(|two| two[0].place.start <= two[1].place.start));
            // Whatever is written is found by itself.
            if let Some(query) = Query::parse(&text) {
                for wanted in query.words() {
                    prop_assert!(words.iter().any(|word| wanted.means(&word.word)), "{wanted:?} in {words:?}");
                }
            }
        }
    }
}
