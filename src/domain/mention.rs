//! `@username` in a text.

use super::link::{blocks, links};

/// The number of different names in one text that are looked up; later ones are only text.
const UP_TO: usize = 50;

/// The ASCII `@`, and the full-width one of Japanese and Chinese keyboards.
const SIGNS: [char; 2] = ['@', '\u{FF20}'];

/// The usernames that a text may mention, as written, each once: an `@` with the username characters that follow, outside of links
/// and not directly after a letter or digit as in a mail address (letters of scripts without spaces may precede it). A name that
/// ends with punctuation is returned without it too, since `@avi.` may end a sentence.
pub(crate) fn mentioned(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    if !text.contains(SIGNS) {
        return names;
    }
    let links = links(text);
    for (at, sign) in text.match_indices(SIGNS) {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let is_inside = before.is_some_and(|before| SIGNS.contains(&before) || blocks(before));
        if is_inside || links.iter().any(|link| link.contains(&at)) {
            continue;
        }
        let rest = text.get(at + sign.len()..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
        let name = rest.get(..length).unwrap_or_default();
        let plain = name.trim_end_matches(['_', '.', '-']);
        for name in [name, plain] {
            let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
            if begins_well && (2..=32).contains(&name.len()) && !names.contains(&name) {
                if names.len() == UP_TO {
                    return names;
                }
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_distinguished_from_mail_addresses_and_punctuation() {
        assert_eq!(mentioned("@avi, ask @Lisa-2. (@mark)"), ["avi", "Lisa-2.", "Lisa-2", "mark"]);
        assert_eq!(mentioned("mail avi@example.com or @@ @a @_b @"), Vec::<&str>::new());
        assert_eq!(mentioned("@avi @avi.@lisa, @al"), ["avi", "avi.", "lisa", "al"]);
        assert_eq!(mentioned(&"@abc@".repeat(1_000)), ["abc"]);
    }

    #[test]
    fn a_mention_may_directly_follow_a_script_without_spaces() {
        for text in [
            "请@lisa看一下",
            "ねえ@lisaさん",
            "カナ@lisaです",
            "안녕@lisa님",
            "ถึง@lisaครับ",
            "＠lisa",
            "请＠lisa",
            "ל@lisa",
            "(@lisa)",
            "…@lisa",
            "。@lisa",
        ] {
            assert_eq!(mentioned(text), ["lisa"], "{text}");
        }
        for text in ["josé@lisa", "анна@lisa", "αβγ@lisa", "１@lisa", "a@＠lisa"] {
            assert_eq!(mentioned(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_name_in_a_link_is_no_mention() {
        for text in [
            "https://www.youtube.com/@lisa",
            "https://lisa@example.org",
            "「https://example.org/@lisa」",
            "https://a.example/?to=@lisa",
        ] {
            assert_eq!(mentioned(text), Vec::<&str>::new(), "{text}");
        }
        assert_eq!(mentioned("https://example.org @lisa"), ["lisa"]);
        assert_eq!(mentioned("「https://example.org」@lisa"), ["lisa"]);
    }
}
