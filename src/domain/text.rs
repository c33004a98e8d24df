//! Texts and titles.

use super::Refusal;
use super::visible::{is_plain, is_visible};

/// The text of a message: with a visible character, and no control characters but tab and newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(String);

/// A title or display name: 1 to 100 characters, trimmed, with a visible one and no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Title(String);

impl Text {
    /// `limit` is in bytes, 0 for none.
    ///
    /// # Errors
    /// `too_large` above the limit, `invalid_request` otherwise.
    pub(crate) fn parse(mut text: String, limit: usize) -> Result<Self, Refusal> {
        // Normalize the line ends of other systems.
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        if limit > 0 && text.len() > limit {
            return Err(Refusal::TooLarge(format!("`text` must have at most {limit} bytes")));
        }
        if text.chars().any(|c| c.is_control() && c != '\t' && c != '\n') {
            return Err(Refusal::invalid("`text` must not contain control characters other than tab and newline"));
        }
        if !is_visible(&text) {
            return Err(Refusal::invalid("`text` must not be empty"));
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Title {
    /// # Errors
    /// `invalid_request` naming the field.
    pub(crate) fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if !is_plain(text) || (!text.is_empty() && !is_visible(text)) {
            return Err(Refusal::invalid(format!(
                "`{field}` must not contain invisible or direction-changing characters"
            )));
        }
        if (1..=100).contains(&text.chars().take(101).count()) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::invalid(format!("`{field}` must have 1 to 100 characters and no control characters")))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_visible_and_have_no_control_characters() {
        for good in ["a", "a\tb\nc", "👍", " x "] {
            assert!(Text::parse(good.to_owned(), 16).is_ok(), "{good:?}");
        }
        for bad in ["", " \n\t", "a\0", "a\u{85}", "\u{3000}", "\u{200b}\u{feff}", "\u{3164}"] {
            assert!(matches!(Text::parse(bad.to_owned(), 16), Err(Refusal::Invalid(_))), "{bad:?}");
        }
        assert!(matches!(Text::parse("12345".to_owned(), 4), Err(Refusal::TooLarge(_))));
        assert!(Text::parse("12345".to_owned(), 0).is_ok());
        let lines = Text::parse("one\r\ntwo\rthree\n".to_owned(), 16).unwrap();
        assert_eq!(lines.as_str(), "one\ntwo\nthree\n");
    }

    #[test]
    fn titles_have_no_invisible_characters() {
        for bad in ["evil\u{202E}gnp.exe", "\u{200B}", "\u{3164}", "lisa\u{200B}", "a\u{2066}b"] {
            let Err(Refusal::Invalid(why)) = Title::parse("title", bad) else { panic!("{bad:?}") };
            assert!(why.to_string().contains("`title`"), "{why:?}");
        }
        for good in ["Team ❤️", "👩‍🚀", "می‌خواهم", " Band "] {
            assert_eq!(Title::parse("title", good).unwrap().as_str(), good.trim());
        }
    }
}
