//! Emoji of reactions.

use unicode_segmentation::UnicodeSegmentation;

use super::Refusal;
use super::visible::{changes_direction, is_visible};

/// The longest, in bytes, whatever the limit is: a reaction is a part of a key, and databases index keys of about 2,700 bytes.
const LONGEST: usize = 1_024;

/// One grapheme, of any number of code points. Emoji are in their fully qualified form, so that ❤ with and without its variation
/// selector are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Emoji(String);

impl Emoji {
    /// `limit` is in bytes, 0 for the longest that can be stored; it does not apply to the emoji that Unicode recommends.
    ///
    /// # Errors
    /// `invalid_request` for all but one visible grapheme within the limit.
    pub(crate) fn parse(text: &str, limit: usize) -> Result<Self, Refusal> {
        if let Some(known) = emojis::get(text) {
            return Ok(Self(known.as_str().to_owned()));
        }
        let one = text.graphemes(true).take(2).count() == 1;
        let fits = text.len() <= if limit == 0 { LONGEST } else { limit.min(LONGEST) };
        let odd =
            text.chars().any(|c| c.is_control() || c.is_whitespace() || changes_direction(c)) || !is_visible(text);
        if one && fits && !odd { Ok(Self(text.to_owned())) } else { Err(Refusal::invalid("`emoji` must be one emoji")) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_an_emoji_that_look_the_same_are_equal() {
        for (written, kept) in [
            ("❤", "❤\u{fe0f}"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("☺", "☺\u{fe0f}"),
            ("1\u{20e3}", "1\u{fe0f}\u{20e3}"),
            ("👁\u{200d}🗨", "👁\u{fe0f}\u{200d}🗨\u{fe0f}"),
            ("👍", "👍"),
        ] {
            assert_eq!(Emoji::parse(written, 32).unwrap().as_str(), kept, "{written}");
        }
        // The longest that Unicode recommends, 35 bytes: a kiss with two skin tones.
        let kiss = "👩🏻‍❤️‍💋‍👩🏿";
        assert_eq!((kiss.len(), Emoji::parse(kiss, 32).unwrap().as_str()), (35, kiss));
    }

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

    #[test]
    fn without_a_limit_an_emoji_is_as_long_as_a_key_may_be() {
        let accented = |accents: usize| format!("e{}", "\u{301}".repeat(accents));
        for limit in [0, 5_000] {
            assert!(Emoji::parse(&accented(511), limit).is_ok());
            assert!(Emoji::parse(&accented(512), limit).is_err());
        }
    }
}
