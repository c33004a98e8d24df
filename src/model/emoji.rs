//! A reaction.

use unicode_segmentation::UnicodeSegmentation;

use super::Refusal;

/// One grapheme: what a reader takes for one character, however many code points it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Emoji(String);

impl Emoji {
    /// Parses what somebody reacts with; `limit` is in bytes, 0 is none.
    ///
    /// # Errors
    /// `invalid_request` for what is not one visible grapheme, or longer.
    pub fn parse(text: &str, limit: usize) -> Result<Self, Refusal> {
        let one = text.graphemes(true).take(2).count() == 1;
        let fits = limit == 0 || text.len() <= limit;
        // Marks that turn the text around them, and what cannot be seen at all.
        let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let unseen = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}');
        let odd = text.chars().any(|c| c.is_control() || c.is_whitespace() || turns(c)) || text.chars().all(unseen);
        if one && fits && !odd { Ok(Self(text.to_owned())) } else { Err(Refusal::invalid("`emoji` must be one emoji")) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_one_emoji_and_a_word_is_none() {
        for good in ["👍", "👨‍👩‍👧‍👦", "🇮🇱", "❤️", "a"] {
            assert!(Emoji::parse(good, 32).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "ok",
            "👍👍",
            "\n",
            "\u{200b}",
            "\u{202e}",
            "\u{feff}",
            "\u{fe0f}",
            &format!("e{}", "\u{301}".repeat(40)),
        ] {
            assert!(Emoji::parse(bad, 32).is_err(), "{bad:?}");
        }
    }
}
