//! Normalizing characters for the index: compatibility forms are decomposed (NFKD), accents and points are dropped, letters
//! become lower case, and Latin letters without a decomposition (ł, ø, œ …) are spelled as people type them. Marks that make
//! another letter are preserved: the voicing of kana and й.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, is_combining_mark};

/// How a character takes part in words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Of a script that puts spaces between words.
    Letter,
    /// Of a script without spaces between words, split into pairs.
    Dense,
    /// A word of its own.
    Sign,
    /// Between words.
    Gap,
    Ignored,
}

pub(super) fn class(c: char) -> Class {
    match c {
        // Soft hyphen, joiners, marks of direction, the Arabic stretch, colours of skin.
        '\u{ad}'
        | '\u{640}'
        | '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{1f3fb}'..='\u{1f3ff}' => Class::Ignored,
        _ if c.is_ascii_alphanumeric() => Class::Letter,
        _ if c.is_ascii() => Class::Gap,
        _ if canonical_combining_class(c) != 0 => Class::Ignored,
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
        _ if is_combining_mark(c) => Class::Ignored,
        _ => Class::Gap,
    }
}

/// Letters that Unicode does not decompose, as they are typed on other keyboards.
fn typed(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ı' | 'ɨ' => "i",
        'ĸ' | 'ƙ' => "k",
        'ƀ' | 'ɓ' => "b",
        'ƒ' => "f",
        'ɠ' | 'ǥ' => "g",
        'ƴ' => "y",
        'ƶ' => "z",
        'ʉ' => "u",
        'ς' => "σ",
        _ => return None,
    })
}

/// The letter composed with `mark`, where that is a different letter and not an accented one.
fn composed(letter: char, mark: char) -> Option<char> {
    let makes_another = matches!(mark, '\u{3099}' | '\u{309a}') || (mark == '\u{306}' && letter == 'и');
    if makes_another { compose(letter, mark) } else { None }
}

/// Calls `take` with every normalized character of `text` and its bytes in the text.
pub(super) fn normalize(text: &str, mut take: impl FnMut(char, Class, Range<usize>)) {
    // A mark behind it may make it another letter.
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
