//! Room codes.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::visible::is_invisible;

/// Without letters and digits that are easily confused.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The hyphens and dashes that editors and phones substitute for the ASCII one, and that one.
const DASHES: &str = "-\u{58A}\u{5BE}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2043}\u{207B}\u{2212}\u{2E3A}\u{2E3B}\u{30FC}\
    \u{FE58}\u{FE63}\u{FF0D}\u{FF70}";

/// The secret by which a room is joined: 10 characters, 12 for rooms that are kept. Not shown by `Debug`, so that it cannot reach a
/// log by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

impl Code {
    /// 50 random bits from the kernel's generator, 60 for a room that is kept.
    pub(crate) fn random(keep: bool) -> Self {
        let mut bytes = [0_u8; 12];
        // As for ids: on failure the code is all twos, which the unique index refuses from the second time on.
        let _ = getrandom::fill(&mut bytes);
        let digit = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().map_or('2', char::from);
        Self(bytes.iter().take(if keep { 12 } else { 10 }).map(digit).collect())
    }

    /// Ignores case, width, spaces, dashes of any kind and invisible characters. `None` where no room can have this code.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(12);
        let is_separator = |letter: &char| letter.is_whitespace() || DASHES.contains(*letter) || is_invisible(*letter);
        // NFKC makes full-width letters and digits ASCII.
        for letter in text.chars().filter(|letter| !is_separator(letter)).nfkc() {
            let letter = letter.to_ascii_uppercase();
            if code.len() == 12 || !u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte)) {
                return None;
            }
            code.push(letter);
        }
        matches!(code.len(), 10 | 12).then_some(Self(code))
    }

    /// The normal form, which is stored and shown to members.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_parsed_in_any_spelling() {
        let code = Code::random(false);
        assert_eq!(code.as_str().len(), 10);
        let (left, right) = code.as_str().split_at(5);
        let wide: String = code.as_str().chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let spelled =
            |between: &[char]| code.as_str().chars().zip(between.iter().cycle()).flat_map(|(c, b)| [c, *b]).collect();
        for written in [
            code.as_str().to_lowercase(),
            format!("{left}-{right}"),
            format!(" {left} {right}\t"),
            wide.clone(),
            spelled(&['\u{2011}', '\u{2013}', '\u{2212}', '\u{200B}', '\u{AD}', '\u{FEFF}']),
        ] {
            assert_eq!(Code::parse(&written), Some(code.clone()), "{written}");
        }
        assert_eq!(Code::random(true).as_str().len(), 12);
        for bad in ["", "ABC", "ABCDEFGHJ0", "ABCDEFGHJKLMN", "ÄBCDEFGHJK", &"A".repeat(10_000)] {
            assert_eq!(Code::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{code:?}"), "Code(…)");
    }
}
