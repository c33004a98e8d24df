//! Names that people and programs choose: usernames, names for a visit, and send keys.

use unicode_normalization::UnicodeNormalization;

use super::visible::{changes_direction, is_plain, is_visible, without_invisible};
use super::{Code, Refusal};

/// 2 to 32 of `[A-Za-z0-9_.-]`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Username(String);

/// Names for administrators only, compared folded.
const RESERVED: [&str; 24] = [
    "admin",
    "administrator",
    "root",
    "system",
    "server",
    "support",
    "everyone",
    "here",
    "all",
    "group",
    "me",
    "deleted",
    "deleted-user",
    "parlor",
    "moderator",
    "owner",
    "staff",
    "security",
    "help",
    "bot",
    "null",
    "nobody",
    "anonymous",
    "channel",
];

impl Username {
    /// Parses a name that somebody wants to have.
    ///
    /// # Errors
    /// `invalid_request` where it does not match `[A-Za-z0-9][A-Za-z0-9_.-]{1,31}`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        Self::parse_field("username", text)
    }

    /// The same, where the field that says it is called otherwise.
    ///
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

    /// One that is made up, for somebody who only says how to be called. Nobody else has it, as far as chance goes.
    pub(crate) fn made_up() -> Self {
        Self(format!("guest-{}", Code::random(false).as_str().to_ascii_lowercase()))
    }

    /// The name as its owner writes it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What any spelling of a name is looked up by: NFKC and lower case, the same in every database.
    pub(crate) fn fold(text: &str) -> String {
        text.nfkc().flat_map(char::to_lowercase).collect()
    }

    /// The same of a name that is shown, without what cannot be seen: equal for names that look alike.
    pub(crate) fn fold_shown(text: &str) -> String {
        Self::fold(&without_invisible(text))
    }
}

/// What the guest of a room is called: 1 to 32 characters of any script without spaces around them, with something to see
/// among them and nothing that takes control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuestName(String);

impl GuestName {
    /// Parses how somebody wants to be called.
    ///
    /// # Errors
    /// `invalid_request` naming the field.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let turns = text.chars().any(changes_direction);
        // What cannot be seen comes along when a name is pasted, and makes it no other name.
        let text = if is_plain(text) { text.trim().to_owned() } else { without_invisible(text).trim().to_owned() };
        let fits = text.chars().take(33).count() <= 32 && !text.chars().any(char::is_control) && is_visible(&text);
        if fits && !turns {
            Ok(Self(text))
        } else {
            Err(Refusal::invalid(
                "`name` must have 1 to 32 characters, some of them visible, and no control characters",
            ))
        }
    }

    /// The name, trimmed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// True for names that only an operator may give out.
pub(crate) fn reserved(name: &Username) -> bool {
    RESERVED.contains(&Username::fold(name.as_str()).as_str())
}

/// True for a name that a program gives to something of its own: 1 to 64 characters, none of them a control character, which a
/// log or another program might take for an end or a command.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.chars().take(65).count()) && !text.contains(char::is_control)
}

/// A send's own name, 1 to 64 characters, by which a retry is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// Parses a key.
    ///
    /// # Errors
    /// `invalid_request` where it is empty, longer than 64 characters, or contains a control character.
    pub(crate) fn parse(text: String) -> Result<Self, Refusal> {
        if is_label(&text) {
            Ok(Self(text))
        } else {
            Err(Refusal::invalid("`key` must have 1 to 64 characters and no control characters"))
        }
    }

    /// The key as sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_the_contract_says() {
        for good in ["avi", "ab", "0x", "Lisa-2", "0.x", &"a".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "_a", "_avi", "avi lisa", "aví", &"a".repeat(33), "avi\0"] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
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
    fn guests_are_called_as_they_like_as_long_as_it_can_be_seen() {
        assert_eq!(GuestName::parse("Ann\u{200B}").unwrap().as_str(), "Ann");
        assert_eq!(GuestName::parse("\u{FEFF}Ann\u{3164}").unwrap().as_str(), "Ann");
        for good in ["a", "Зоя", "  Anna Maria ", "مريم", "👩‍🚀", "<b>", &"é".repeat(32)] {
            assert!(GuestName::parse(good).is_ok_and(|name| name.as_str() == good.trim()), "{good}");
        }
        for bad in ["", " \u{3000}", "a\nb", "a\u{7}", "\u{200B}\u{FE0F}", "a\u{202E}b", &"é".repeat(33)] {
            assert!(GuestName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Username::parse(Username::made_up().as_str()).is_ok());
    }

    #[test]
    fn reserved_names_are_known_in_any_case() {
        assert!(Username::parse("AdMin").is_ok_and(|name| reserved(&name)));
        assert!(Username::parse("admina").is_ok_and(|name| !reserved(&name)));
    }
}
