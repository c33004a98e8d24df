//! `@username` in a text.

/// So many different names in one text are looked up; what comes behind is only text.
const UP_TO: usize = 50;

/// Names that a text may mention, as written, each once: an `@` that does not stand behind a letter or digit, and the
/// characters of a username that follow. A name that ends with punctuation is given without it too, since `@avi.` may end
/// a sentence.
pub fn mentioned(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let mut before = ' ';
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (head, tail) = rest.split_at(at);
        before = head.chars().next_back().unwrap_or(before);
        rest = tail.get(1..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
        let name = rest.get(..length).unwrap_or_default();
        let plain = name.trim_end_matches(['_', '.', '-']);
        for name in [name, plain] {
            if !before.is_alphanumeric() && (2..=32).contains(&name.len()) && !names.contains(&name) {
                if names.len() == UP_TO {
                    return names;
                }
                names.push(name);
            }
        }
        before = '@';
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_people_mean_them() {
        assert_eq!(mentioned("@avi, ask @Lisa-2. (@mark)"), ["avi", "Lisa-2.", "Lisa-2", "mark"]);
        assert_eq!(mentioned("mail avi@example.com or @@ @a @_b @"), Vec::<&str>::new());
        assert_eq!(mentioned("@avi @avi.@lisa, @al"), ["avi", "avi.", "lisa", "al"]);
        assert_eq!(mentioned(&"@abc@".repeat(1_000)), ["abc"]);
    }
}
