//! Links in a text: a username inside one is not a mention. The web client (`lib/links.js`) has the same rules, and both are tested
//! with `tests/links.json`.

use std::ops::Range;

/// The ranges of all `http` and `https` links, in order, without the punctuation around them.
pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("://")) {
        let colon = from + found;
        let after = colon + "://".len();
        from = after;
        let Some(start) = scheme(text, colon) else { continue };
        let host = host_end(text, after);
        if host == after {
            continue;
        }
        let end = trimmed(text, start, path_end(text, host), host);
        all.push(start..end);
        from = end;
    }
    all
}

/// The start of the scheme before `colon`, where it is `http` or `https` and does not follow a letter or digit.
fn scheme(text: &str, colon: usize) -> Option<usize> {
    let head = text.get(..colon)?;
    let letters = head.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let start = colon - letters;
    let scheme = head.get(start..)?;
    let is_separate = !head.get(..start)?.chars().next_back().is_some_and(|before| before == '_' || blocks(before));
    let is_link = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (is_link && is_separate).then_some(start)
}

/// True for a character after which no link or `@username` begins: letters and digits of scripts that use spaces, as in a mail
/// address. Letters of other scripts may directly precede a link or mention.
pub(super) fn blocks(before: char) -> bool {
    before.is_alphanumeric()
        && matches!(before, '\0'..='\u{58F}' | '\u{1E00}'..='\u{1FFF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A640}'..='\u{A69F}'
            | '\u{A720}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB6F}' | '\u{FF10}'..='\u{FF5A}')
}

/// The end of the host, with user and port. Letters of other scripts belong to it only where its last label begins with one: text
/// that directly follows `https://example.org` is not part of the host.
fn host_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let is_host =
        |c: char| if c.is_ascii() { c.is_ascii_alphanumeric() || "-._~:@[]%".contains(c) } else { !ends_link(c) };
    let length = rest.find(|c| !is_host(c)).unwrap_or(rest.len());
    let host = rest.get(..length).unwrap_or_default();
    let label = host.rfind(['.', '@', ':', '[']).map_or(0, |dot| dot + 1);
    let last = host.get(label..).unwrap_or_default();
    let swallowed = last.bytes().next().is_some_and(|byte| byte.is_ascii());
    let kept = if swallowed { last.find(|c: char| !c.is_ascii()).unwrap_or(last.len()) } else { last.len() };
    let host = host.get(..label + kept).unwrap_or_default();
    from + host.trim_end_matches(['-', '.', '_', '~', ':', '@', '[', ']', '%']).len()
}

/// The end of path, query and fragment; the host's end where there are none.
fn path_end(text: &str, host: usize) -> usize {
    let rest = text.get(host..).unwrap_or_default();
    if !rest.starts_with(['/', '?', '#']) && !rest.starts_with(':') {
        return host;
    }
    host + rest.find(ends_link).unwrap_or(rest.len())
}

/// True for characters that end a link: white space, control characters, quotes, brackets, and the punctuation of other scripts.
fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^')
        || matches!(
            c,
            '\u{A1}'..='\u{A9}' | '\u{AB}'..='\u{B1}' | '\u{B4}' | '\u{B6}'..='\u{B8}' | '\u{BB}'..='\u{BF}' | '\u{D7}' | '\u{F7}'
                | '\u{37E}' | '\u{387}' | '\u{55A}'..='\u{55F}' | '\u{589}' | '\u{5BE}' | '\u{5C0}' | '\u{5C3}' | '\u{5F3}' | '\u{5F4}'
                | '\u{60C}' | '\u{60D}' | '\u{61B}'..='\u{61F}' | '\u{66A}'..='\u{66D}' | '\u{6D4}' | '\u{700}'..='\u{70D}'
                | '\u{964}' | '\u{965}' | '\u{970}' | '\u{E2F}' | '\u{E4F}' | '\u{E5A}' | '\u{E5B}' | '\u{F04}'..='\u{F14}'
                | '\u{104A}'..='\u{104F}' | '\u{1360}'..='\u{1368}' | '\u{166E}' | '\u{169B}' | '\u{169C}'
                | '\u{17D4}'..='\u{17DA}' | '\u{1800}'..='\u{180F}' | '\u{2000}'..='\u{206F}' | '\u{2190}'..='\u{2BFF}'
                | '\u{2E00}'..='\u{2E7F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303D}' | '\u{30FB}'
                | '\u{FD3E}' | '\u{FD3F}' | '\u{FE00}'..='\u{FE19}' | '\u{FE30}'..='\u{FE6B}' | '\u{FEFF}' | '\u{FF00}'..='\u{FF0F}'
                | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}' | '\u{FFF0}'..='\u{FFFD}'
                | '\u{1F000}'..='\u{1FAFF}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// The end of a link without trailing punctuation; a closing bracket is kept where it was opened inside the link.
fn trimmed(text: &str, start: usize, end: usize, host: usize) -> usize {
    let link = text.get(start..end).unwrap_or_default();
    let count = |wanted: char| link.matches(wanted).count();
    let mut surplus =
        [(')', '('), (']', '[')].map(|(closing, opening)| (closing, count(closing).saturating_sub(count(opening))));
    let mut end = end;
    while end > host {
        let Some(last) = text.get(..end).and_then(|head| head.chars().next_back()) else { break };
        let is_trimmed = match surplus.iter_mut().find(|(closing, _)| *closing == last) {
            Some((_, left)) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) => false,
            None => ".,;:!?'*_~-&=([".contains(last),
        };
        if !is_trimmed {
            break;
        }
        end -= last.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_match_the_table_shared_with_the_web_client() {
        let table: Vec<(String, Vec<String>)> = serde_json::from_str(include_str!("../../tests/links.json")).unwrap();
        for (text, expected) in table {
            let found: Vec<&str> = links(&text).into_iter().map(|place| &text[place]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn links_of_any_text_are_ordered_and_begin_with_http(text in "(.|https?://|[a-z@.:/() \u{300c}\u{200b}\u{4e00}])*") {
            let mut before = 0;
            for place in links(&text) {
                prop_assert!(place.start >= before && place.end > place.start);
                let link = text.get(place.clone());
                prop_assert!(link.is_some_and(|link| link.to_ascii_lowercase().starts_with("http")));
                before = place.end;
            }
        }
    }
}
