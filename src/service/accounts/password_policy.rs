//! The policy for new passwords; existing ones are not checked.

use crate::domain::{Refusal, Username};

/// Lower case, sorted, one a line; for their source see `common_passwords.LICENSE`.
const COMMON: &str = include_str!("common_passwords.txt");
const PRODUCT: &str = "parlor";
/// In characters.
const LONGEST: usize = 128;

/// Requires `shortest` to 128 characters that are not blank, not one of the 10,000 most common passwords, and neither the
/// username nor the product's name in another spelling.
///
/// # Errors
/// `invalid_request`, naming the field and the reason.
pub(super) fn check(password: &str, username: &str, shortest: u32) -> Result<(), Refusal> {
    let length = password.chars().take(LONGEST + 1).count();
    if length > LONGEST || length < usize::try_from(shortest).unwrap_or(LONGEST) {
        return Err(Refusal::invalid(format!("`password` must have {shortest} to {LONGEST} characters")));
    }
    let folded = Username::fold(password.trim());
    if folded.is_empty() {
        return Err(Refusal::invalid("`password` must not be blank"));
    }
    // Scanning the list takes microseconds, a thousandth of the hash that follows.
    if COMMON.lines().any(|common| common == folded) {
        return Err(Refusal::invalid(
            "`password` is one of the 10,000 most common ones, which are guessed first: choose another",
        ));
    }
    if is_spelling_of(&folded, &Username::fold(username)) {
        return Err(Refusal::invalid("`password` must not be the username, nor the username with little added"));
    }
    if is_spelling_of(&folded, PRODUCT) {
        return Err(Refusal::invalid(
            "`password` must not be the name of this product, nor that name with little added",
        ));
    }
    Ok(())
}

/// True where the two differ only in case, punctuation, surrounding numbers, direction or repetition.
fn is_spelling_of(password: &str, name: &str) -> bool {
    let (password, name) = (letters(password), letters(name));
    if name.is_empty() || password.is_empty() {
        return password == name;
    }
    let backwards: String = name.chars().rev().collect();
    let is_made_of =
        |name: &str| password.len() % name.len() == 0 && password == name.repeat(password.len() / name.len());
    [name.as_str(), backwards.as_str()].into_iter().any(is_made_of)
}

/// Letters and digits only, without leading and trailing digits unless there is nothing else.
fn letters(text: &str) -> String {
    let kept: String = text.chars().filter(|one| one.is_alphanumeric()).collect();
    let inner = kept.trim_matches(char::is_numeric);
    if inner.is_empty() { kept } else { inner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str, username: &str) -> Option<String> {
        check(password, username, 8).err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn the_list_is_complete_and_sorted() {
        assert_eq!(COMMON.lines().count(), 10_000);
        assert!(
            COMMON.lines().is_sorted() && COMMON.lines().all(|one| one == Username::fold(one) && one == one.trim())
        );
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for common in ["password", "12345678", "PassWord1", "Qwertyuiop", "iloveyou ", "  trustno1", "ＰＡＳＳＷＯＲＤ"]
        {
            assert!(refused(common, "avi").is_some_and(|why| why.contains("most common")), "{common}");
        }
        assert!(refused("        ", "avi").is_some_and(|why| why.contains("blank")));
        assert!(refused("\u{3000}\u{3000} \u{a0}\t     ", "avi").is_some());
    }

    #[test]
    fn names_in_another_spelling_are_refused() {
        for close in [
            "lisa.2000",
            "LISA.2000",
            "lisa2000",
            "2000lisa",
            "lisa2000!!",
            "lisa-2000",
            "0002asil",
            "LisaLisa",
            "l.i.s.a. 1",
        ] {
            assert!(refused(close, "lisa.2000").is_some_and(|why| why.contains("username")), "{close}");
        }
        for close in ["parlor123", "ParlorParlor", "Parlor2026!", "rolrap!!"] {
            assert!(refused(close, "avi").is_some_and(|why| why.contains("product")), "{close}");
        }
        assert!(refused("202020261", "2020-20261").is_some(), "a name of digits");
    }

    #[test]
    fn other_passwords_pass() {
        for good in ["correct horse", "battery staple", "lisa likes tea", "пароль78", "a parlor of mirrors", "20202026"]
        {
            assert_eq!(refused(good, "lisa"), None, "{good}");
        }
        assert_eq!(refused(&"ж".repeat(128), "2020"), None);
        assert!(refused(&"ж".repeat(129), "avi").is_some() && refused("1234567", "avi").is_some());
        assert_eq!(check("tea!", "avi", 4), Ok(()), "operators may allow shorter ones");
        assert!(check("1234", "avi", 4).is_err() && check("avi", "avi", 1).is_err());
    }
}
