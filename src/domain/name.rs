//! Usernames, names of guests, and idempotency keys.

use unicode_normalization::UnicodeNormalization;

use super::visible::{changes_direction, is_plain, is_visible, without_invisible};
use super::{Code, Refusal};

/// 2 to 32 of `[A-Za-z0-9_.-]`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Username(String);

/// Usernames that only an operator may give out, folded.
const RESERVED: &str = "
    admin administrator moderator owner staff root system server support security help parlor bot
    all everyone here me group channel anonymous nobody null deleted deleted-user
";

impl Username {
    /// # Errors
    /// `invalid_request` where it does not match `[A-Za-z0-9][A-Za-z0-9_.-]{1,31}`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        Self::parse_field("username", text)
    }

    /// # Errors
    /// `invalid_request` naming the field.
    pub(crate) fn parse_field(field: &'static str, text: &str) -> Result<Self, Refusal> {
        let fits = (2..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::invalid(format!(
                "`{field}` must have 2 to 32 letters, digits, `_`, `.` or `-`, and begin with a letter or digit"
            )))
        }
    }

    /// For a guest who only has a display name; with 50 random bits it is unique.
    pub(crate) fn generated() -> Self {
        Self(format!("guest-{}", Code::random(false).as_str().to_ascii_lowercase()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key by which any spelling of a name is looked up: NFKC and lower case. Every database accepts the key of any text:
    /// PostgreSQL would refuse a NUL, so it becomes U+FFFD, which is in no username either.
    pub(crate) fn fold(text: &str) -> String {
        let storable = |letter| if letter == '\0' { char::REPLACEMENT_CHARACTER } else { letter };
        text.nfkc().flat_map(char::to_lowercase).map(storable).collect()
    }

    /// The same without invisible characters: equal for display names that look alike.
    pub(crate) fn fold_shown(text: &str) -> String {
        Self::fold(&without_invisible(text))
    }
}

/// The display name of a guest of a room: 1 to 32 characters of any script, trimmed, some visible and no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuestName(String);

impl GuestName {
    /// # Errors
    /// `invalid_request` naming the field.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let is_reordered = text.chars().any(changes_direction);
        // Invisible characters come with a pasted name, and do not make it another name.
        let text = if is_plain(text) { text.trim().to_owned() } else { without_invisible(text).trim().to_owned() };
        let fits = text.chars().take(33).count() <= 32 && !text.chars().any(char::is_control) && is_visible(&text);
        if fits && !is_reordered {
            Ok(Self(text))
        } else {
            Err(Refusal::invalid(
                "`name` must have 1 to 32 characters, some of them visible, and no control characters",
            ))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

pub(crate) fn reserved(name: &Username) -> bool {
    let folded = Username::fold(name.as_str());
    RESERVED.split_ascii_whitespace().any(|reserved| reserved == folded)
}

/// True for a client's label: 1 to 64 characters without control characters, which could forge log lines or terminal commands.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.chars().take(65).count()) && !text.contains(char::is_control)
}

/// An idempotency key, by which a retry is recognised: 1 to 64 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// # Errors
    /// `invalid_request` where it is empty, longer than 64 characters, or contains a control character.
    pub(crate) fn parse(text: String) -> Result<Self, Refusal> {
        if is_label(&text) {
            Ok(Self(text))
        } else {
            Err(Refusal::invalid("`key` must have 1 to 64 characters and no control characters"))
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
    fn usernames_have_two_to_32_allowed_characters() {
        for good in ["avi", "ab", "0x", "Lisa-2", "0.x", &"a".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "_a", "_avi", "avi lisa", "aví", &"a".repeat(33), "avi\0"] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_with_a_nul_fold_to_keys_of_no_username() {
        for text in ["avi\0", "\0avi", "a\0vi", "\0", "AVI\0\u{212A}"] {
            let key = Username::fold(text);
            assert!(!key.contains('\0') && Username::parse(&key).is_err(), "{text:?}");
        }
        assert_eq!(Username::fold("ＡＶＩ"), "avi");
    }

    #[test]
    fn a_key_is_a_label_of_anything_but_control_characters() {
        for good in ["k", " ", "é", "8f14e45f-ceea", "👩‍🚀", &"é".repeat(64)] {
            assert!(Key::parse(good.to_owned()).is_ok_and(|key| key.as_str() == good), "{good}");
        }
        for bad in ["", "a\0", "\u{1b}[2J", "a\nb", "\t", "\u{7f}", "\u{85}", &"é".repeat(65)] {
            assert!(Key::parse(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn guest_names_are_any_visible_text() {
        assert_eq!(GuestName::parse("Ann\u{200B}").unwrap().as_str(), "Ann");
        assert_eq!(GuestName::parse("\u{FEFF}Ann\u{3164}").unwrap().as_str(), "Ann");
        for good in ["a", "Зоя", "  Anna Maria ", "مريم", "👩‍🚀", "<b>", &"é".repeat(32)] {
            assert!(GuestName::parse(good).is_ok_and(|name| name.as_str() == good.trim()), "{good}");
        }
        for bad in ["", " \u{3000}", "a\nb", "a\u{7}", "\u{200B}\u{FE0F}", "a\u{202E}b", &"é".repeat(33)] {
            assert!(GuestName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Username::parse(Username::generated().as_str()).is_ok());
    }

    #[test]
    fn reserved_names_are_known_in_any_case() {
        assert!(Username::parse("AdMin").is_ok_and(|name| reserved(&name)));
        assert!(Username::parse("admina").is_ok_and(|name| !reserved(&name)));
    }
}
