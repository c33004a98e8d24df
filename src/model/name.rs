//! Names that people and programs choose: usernames and send keys.

use unicode_normalization::UnicodeNormalization;

use super::Refusal;

/// 3 to 32 of `[A-Za-z0-9_.-]`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

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
    /// `invalid_request` where it does not match `[A-Za-z0-9][A-Za-z0-9_.-]{2,31}`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::parse_field("username", text)
    }

    /// The same, where the field that says it is called otherwise.
    ///
    /// # Errors
    /// `invalid_request` naming the field.
    pub fn parse_field(field: &'static str, text: &str) -> Result<Self, Refusal> {
        let fits = (3..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::invalid(format!(
                "`{field}` must have 3 to 32 letters, digits, `_`, `.` or `-`, and begin with a letter or digit"
            )))
        }
    }

    /// The name as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What any spelling of a name is looked up by: NFKC and lower case, the same in every database.
    pub fn fold(text: &str) -> String {
        text.nfkc().flat_map(char::to_lowercase).collect()
    }
}

/// True for names that only an operator may give out.
pub fn reserved(name: &Username) -> bool {
    RESERVED.contains(&Username::fold(name.as_str()).as_str())
}

/// A send's own name, 1 to 64 characters, by which a retry is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// Parses a key.
    ///
    /// # Errors
    /// `invalid_request` where it is empty or longer than 64 characters.
    pub fn parse(text: String) -> Result<Self, Refusal> {
        if (1..=64).contains(&text.chars().take(65).count()) {
            Ok(Self(text))
        } else {
            Err(Refusal::invalid("`key` must have 1 to 64 characters"))
        }
    }

    /// The key as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_the_contract_says() {
        for good in ["avi", "Lisa-2", "0.x", &"a".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "_avi", "avi lisa", "aví", &"a".repeat(33), "avi\0"] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reserved_names_are_known_in_any_case() {
        assert!(Username::parse("AdMin").is_ok_and(|name| reserved(&name)));
        assert!(Username::parse("admina").is_ok_and(|name| !reserved(&name)));
    }
}
