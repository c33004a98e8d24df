//! What differs from run to run, replaced by placeholders, so that two recordings of the same scenario are the same text.
//!
//! Ids, tokens, codes, cursors and the like get a number: equal values have equal placeholders within one recording. Times do
//! not, since two that differ in one run may be equal in the next; one from before the tests began is a constant and remains.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde_json::Value;

/// The forms of a time, with digits as zeros: for programs, and on pages.
const TIME: &str = "0000-00-00T00:00:00.000Z";
const MINUTE: &str = "0000-00-00 00:00 UTC";
/// Letters and digits of ids, and those of room codes.
const ID: &str = "0123456789abcdefghjkmnpqrstvwxyz";
const CODE: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// What stands directly before a number that depends on how fast the test runs, and the unit of it.
const WAITS: [(&str, &str); 4] = [
    ("retry_after_ms\":", "<ms>"),
    ("retry_after_ms=", "<ms>"),
    ("retry-after: ", "<seconds>"),
    ("Try again in ", "<seconds>"),
];
/// Refusals whose time to wait is a constant, which is kept.
const CONSTANT_WAITS: [&str; 3] = ["\"code\":\"unavailable\"", "\"code\":\"busy\"", " < 503 "];
/// Lists of those who are in a session.
const LISTS: [&str; 2] = ["\"members\":[", "\"receipts\":["];
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Replaces what differs, in all lines of a recording.
pub fn replace(lines: &[String]) -> Vec<String> {
    let lines: Vec<String> = lines.iter().map(|line| ordered(line)).collect();
    let mut placeholders = Placeholders::default();
    lines.iter().for_each(|line| placeholders.learn(line));
    lines.iter().map(|line| placeholders.replace(line)).collect()
}

/// A time from before this moment is a constant. Forced by the first recording, before its server starts.
pub static BEGAN: LazyLock<String> = LazyLock::new(|| jiff::Timestamp::now().to_string());

/// A line in which those who became members in the same moment stand by name: the server has them by their ids, which are random. The
/// same for receipts.
fn ordered(line: &str) -> String {
    let (mut done, mut rest) = (String::new(), line);
    while let Some(start) = LISTS.iter().filter_map(|name| Some(rest.find(name)? + name.len())).min() {
        let mut elements = elements(&rest[start..]);
        let end = start + elements.iter().map(|one| one.len() + 1).sum::<usize>().saturating_sub(1);
        // Of receipts none has a moment.
        let moments = elements.chunk_by_mut(|one, other| field(one, "joined_at") == field(other, "joined_at"));
        moments.for_each(|together| together.sort_by_key(|one| field(one, "username")));
        done += &rest[..start];
        done += &elements.join(",");
        rest = &rest[end..];
    }
    done + rest
}

/// The elements of the list of objects that begins here.
fn elements(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut is_quoted, mut is_escaped) = (Vec::new(), 0, 0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '{' | '[' if !is_quoted => depth += 1,
            '}' | ']' if !is_quoted && depth > 0 => depth -= 1,
            ',' | ']' if !is_quoted && depth == 0 => {
                found.extend(Some(&text[start..at]).filter(|one| !one.is_empty()));
                start = at + 1;
                if letter == ']' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

/// The first text under this name, or nothing.
fn field<'a>(object: &'a str, name: &str) -> &'a str {
    let start = object.split_once(&format!("\"{name}\":\"")).map_or("", |(_, rest)| rest);
    start.split('"').next().unwrap_or_default()
}

#[derive(Default)]
struct Placeholders {
    /// The kind of a value, where its field determines it.
    kinds: HashMap<String, &'static str>,
    given: HashMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Placeholders {
    /// Notes what the values of a line are.
    fn learn(&mut self, line: &str) {
        let json =
            line.find(['{', '[']).map(|start| serde_json::Deserializer::from_str(&line[start..]).into_iter::<Value>());
        if let Some(Ok(json)) = json.and_then(|mut values| values.next()) {
            self.walk(&json, "");
        }
    }

    fn walk(&mut self, value: &Value, parent: &str) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.walk(value, parent)),
            Value::Object(fields) => {
                for (field, value) in fields {
                    if is_id(field) {
                        let is_user = ["Users", "UserIds"].contains(&parent);
                        self.note(field, if is_user { "user" } else { "session" });
                    }
                    match (value, kind(field, parent)) {
                        (Value::String(text), Some(kind)) => self.note(text, kind),
                        _ => self.walk(value, field),
                    }
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, text: &str, kind: &'static str) {
        let is_opaque = match kind {
            "sid" | "cursor" => text.len() >= 20 && text.chars().all(is_word),
            _ => is_id(text),
        };
        if is_opaque {
            self.kinds.entry(text.to_owned()).or_insert(kind);
        }
    }

    fn replace(&mut self, line: &str) -> String {
        let is_constant = CONSTANT_WAITS.iter().any(|refusal| line.contains(refusal));
        let (mut done, mut at) = (String::new(), 0);
        while at < line.len() {
            let (before, rest) = line.split_at(at);
            if let Some((length, placeholder)) = fixed(before, rest) {
                done.push_str(placeholder);
                at += length;
                continue;
            }
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            if length == 0 {
                let letter = rest.chars().next().unwrap();
                done.push(letter);
                at += letter.len_utf8();
                continue;
            }
            let word = &rest[..length];
            done.push_str(&if is_constant && word.parse::<u64>().is_ok() {
                word.to_owned()
            } else {
                self.word(before, word)
            });
            at += length;
        }
        done
    }

    fn word(&mut self, before: &str, word: &str) -> String {
        let wait = WAITS.iter().find(|(start, _)| before.ends_with(start));
        if let Some((_, unit)) = wait.filter(|_| word.bytes().all(|byte| byte.is_ascii_digit())) {
            return (*unit).to_owned();
        }
        if before.ends_with("/web/") && word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return "<build>".to_owned();
        }
        if before.ends_with("etag: \"") {
            return "<etag>".to_owned();
        }
        let Some(kind) = self.kinds.get(word).copied().or_else(|| shape(word)) else { return word.to_owned() };
        let counts = &mut self.counts;
        let given = self.given.entry(word.to_owned()).or_insert_with(|| {
            let count = counts.entry(kind).or_default();
            *count += 1;
            format!("<{kind}-{count}>")
        });
        given.clone()
    }
}

/// What stands in a field of this name, inside the field `parent`.
fn kind(field: &str, parent: &str) -> Option<&'static str> {
    Some(match (field, parent) {
        ("sid", _) => "sid",
        ("epoch", _) => "epoch",
        ("next" | "sessions_next" | "invites_next", _) => "cursor",
        ("connection", _) => "connection",
        ("session" | "SessionID", _) | ("id", "session" | "sessions") => "session",
        ("sender" | "Sender" | "UserID", _) | ("id", "user" | "users" | "from" | "to" | "blocks") => "user",
        ("invite", _) | ("id", "invite" | "invites") => "invite",
        ("id", "tokens") => "login",
        _ => return None,
    })
}

/// The kind of a value by its form.
fn shape(word: &str) -> Option<&'static str> {
    let is_code = |word: &str| word.chars().all(|letter| CODE.contains(letter));
    match word.len() {
        16 if word.starts_with("guest-") && is_code(&word[6..].to_ascii_uppercase()) => Some("guest"),
        47 if word.starts_with("prl_") => Some("token"),
        10 | 12 if is_code(word) => Some("code"),
        _ if is_id(word) => Some("id"),
        _ => None,
    }
}

/// Ids have 63 bits, so the first of their digits, with five bits each, is below eight.
fn is_id(word: &str) -> bool {
    word.len() == 13
        && word.starts_with(|first| ('0'..'8').contains(&first))
        && word.chars().all(|one| ID.contains(one))
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-".contains(letter)
}

/// The beginning of a text, where it has this form.
fn formed<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    let start = text.get(..form.len())?;
    let fits = |(letter, wanted): (char, char)| if wanted == '0' { letter.is_ascii_digit() } else { letter == wanted };
    start.chars().zip(form.chars()).all(fits).then_some(start)
}

/// What has more than one word and always the same placeholder: its length here, and the placeholder.
fn fixed<'a>(before: &str, rest: &'a str) -> Option<(usize, &'a str)> {
    if before.ends_with(is_word) {
        return None;
    }
    if let Some(time) = formed(rest, TIME) {
        return Some((TIME.len(), if time < BEGAN.as_str() { time } else { "<time>" }));
    }
    if formed(rest, MINUTE).is_some() {
        return Some((MINUTE.len(), "<minute>"));
    }
    if let Some(port) = rest.strip_prefix("127.0.0.1:") {
        let digits = port.bytes().take_while(u8::is_ascii_digit).count();
        return (digits > 0).then_some(("127.0.0.1:".len() + digits, "127.0.0.1:<port>"));
    }
    let is_version =
        rest.starts_with(VERSION) && !rest[VERSION.len()..].starts_with(|next| is_word(next) || next == '.');
    is_version.then_some((VERSION.len(), "<version>"))
}

#[test]
fn what_differs_between_runs_has_placeholders() {
    LazyLock::force(&BEGAN);
    let line = |id: &str, time: &str| {
        format!(
            r#"avi < {{"type":"ready","user":{{"id":"{id}"}},"session":"7zzzzzzzzzzzz","id":"avi-1","at":"{time}","retry_after_ms":38,"code":"ABCDEFGH23"}}"#
        )
    };
    let lines = [
        line("0000000000001", "2999-01-01T00:00:00.000Z"),
        line("0000000000002", "1999-01-01T00:00:00.000Z"),
        "avi > GET /sessions/7zzzzzzzzzzzz?x=0000000000003 127.0.0.1:4711 4500 aaaaaaaaaaaaa".to_owned(),
        r#"avi < {"code":"busy","retry_after_ms":1000}"#.to_owned(),
    ];
    let wanted = |user: u8, time: &str| {
        format!(
            r#"avi < {{"type":"ready","user":{{"id":"<user-{user}>"}},"session":"<session-1>","id":"avi-1","at":"{time}","retry_after_ms":<ms>,"code":"<code-1>"}}"#
        )
    };
    assert_eq!(
        replace(&lines),
        [
            wanted(1, "<time>"),
            wanted(2, "1999-01-01T00:00:00.000Z"),
            "avi > GET /sessions/<session-1>?x=<id-1> 127.0.0.1:<port> 4500 aaaaaaaaaaaaa".to_owned(),
            lines[3].clone(),
        ]
    );
}

#[test]
fn members_of_the_same_moment_stand_by_name() {
    let member =
        |name: &str, at: &str| format!(r#"{{"user":{{"username":"{name}","a":"]\\\"}}"}},"joined_at":"{at}"}}"#);
    let line =
        |members: [String; 3]| format!(r#"{{"session":{{"members":[{}],"x":[2,1]}},"members":[]}}"#, members.join(","));
    let (noa, lisa, avi) = (member("noa", "1"), member("lisa", "2"), member("avi", "2"));
    let wanted = line([noa.clone(), avi.clone(), lisa.clone()]);
    assert_eq!(ordered(&line([noa, lisa, avi])), wanted);
}
