//! The secret by which a room is joined.

use std::fmt;

/// What codes are written with: no letter or digit that is easily taken for another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A room's code: 10 characters, 12 for rooms that are kept. Never shown by `Debug`, so it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new one: 50 random bits, 60 for a room that is kept, from the kernel's generator.
    pub fn random(keep: bool) -> Self {
        let mut bytes = [0_u8; 12];
        // As for ids: a code of nothing but twos would collide, and be refused by the unique index.
        let _ = getrandom::fill(&mut bytes);
        let digit = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().map_or('2', char::from);
        Self(bytes.iter().take(if keep { 12 } else { 10 }).map(digit).collect())
    }

    /// What somebody has written; case, spaces and hyphens do not matter. `None`: no room can have it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(12);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let letter = letter.to_ascii_uppercase();
            if code.len() == 12 || !u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte)) {
                return None;
            }
            code.push(letter);
        }
        matches!(code.len(), 10 | 12).then_some(Self(code))
    }

    /// As it is kept, and shown to members.
    pub fn as_str(&self) -> &str {
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
    fn codes_are_read_however_people_write_them() {
        let code = Code::random(false);
        assert_eq!(code.as_str().len(), 10);
        let (left, right) = code.as_str().split_at(5);
        for written in [code.as_str().to_lowercase(), format!("{left}-{right}"), format!(" {left} {right}\t")] {
            assert_eq!(Code::parse(&written), Some(code.clone()), "{written}");
        }
        assert_eq!(Code::random(true).as_str().len(), 12);
        for bad in ["", "ABC", "ABCDEFGHJ0", "ABCDEFGHJKLMN", "ÄBCDEFGHJK", &"A".repeat(10_000)] {
            assert_eq!(Code::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{code:?}"), "Code(…)");
    }
}
