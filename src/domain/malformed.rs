//! Error messages for malformed JSON and parameters: which field, and what it must be. The structs, lines and columns of the parsers'
//! messages are left out.

use super::Refusal;

/// How many characters of a path are echoed.
const SHOWN: usize = 64;

/// `invalid_request` for a value that a parser refuses. `whole` names the input, as in "the body"; `path` is the place of the value
/// in it, `.` for all of it; `error` is the parser's message.
pub(crate) fn malformed(whole: &str, path: &str, error: &str) -> Refusal {
    let path: String = path.chars().take(SHOWN).collect();
    let is_whole = path.is_empty() || path == ".";
    let subject = if is_whole { whole.to_owned() } else { format!("`{path}`") };
    let parent = if is_whole { String::new() } else { format!("{path}.") };
    Refusal::invalid(if let Some(field) = quoted(error, "missing field `") {
        format!("`{parent}{field}` is missing")
    } else if let Some(field) = quoted(error, "duplicate field `") {
        format!("`{field}` is given more than once")
    } else if let Some(choice) =
        error.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, expected "))
    {
        format!("{subject} must be {}", without_place(choice.1))
    } else {
        match expected(without_place(error)) {
            Some(kind) => format!("{subject} must be {kind}"),
            None => format!("{subject} cannot be read"),
        }
    })
}

/// The text between the prefix `before` and the next back-tick.
fn quoted<'a>(error: &'a str, before: &str) -> Option<&'a str> {
    error.strip_prefix(before)?.split('`').next()
}

/// The message without the line and column at its end.
fn without_place(error: &str) -> &str {
    error.rsplit_once(" at line ").map_or(error, |(message, _)| message)
}

/// The expected type, in JSON's terms.
fn expected(error: &str) -> Option<&'static str> {
    // Parameters are strings, so these are messages of the standard library.
    const INTEGERS: [&str; 5] = [
        "invalid digit found in string",
        "cannot parse integer from empty string",
        "number too large to fit in target type",
        "number too small to fit in target type",
        "number would be zero for non-zero type",
    ];
    if INTEGERS.contains(&error) {
        return Some("an integer");
    }
    if error == "provided string was not `true` or `false`" {
        return Some("true or false");
    }
    let (_, kind) = error.rsplit_once(", expected ")?;
    Some(match kind {
        "a string" | "a borrowed string" | "a character" => "a string",
        "a boolean" => "true or false",
        "i8" | "i16" | "i32" | "i64" | "i128" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "isize" => {
            "an integer"
        }
        "f32" | "f64" => "a number",
        "a sequence" | "an array" => "an array",
        _ if kind == "a map" || kind.starts_with("struct ") || kind.starts_with("internally tagged enum") => {
            "an object"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        data: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Direct,
        Group,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Outer {
        text: Option<String>,
        seq: Option<i64>,
        on: Option<bool>,
        ratio: Option<f64>,
        names: Option<Vec<String>>,
        sessions: Option<BTreeMap<String, u32>>,
        inner: Option<Inner>,
        kind: Option<Kind>,
        unit: Option<()>,
    }

    fn message(json: &str) -> String {
        let mut reader = serde_json::Deserializer::from_str(json);
        let error = serde_path_to_error::deserialize::<_, Outer>(&mut reader).unwrap_err();
        malformed("the body", &error.path().to_string(), &error.inner().to_string()).to_string()
    }

    #[test]
    fn a_message_names_the_field_and_the_expected_type() {
        for (json, expected) in [
            (r#"{"text":5}"#, "`text` must be a string"),
            (r#"{"text":{"at line 5":", expected i64"}}"#, "`text` must be a string"),
            (r#"{"seq":"5"}"#, "`seq` must be an integer"),
            (r#"{"seq":1.5}"#, "`seq` must be an integer"),
            (r#"{"seq":99999999999999999999}"#, "`seq` must be an integer"),
            (r#"{"on":0}"#, "`on` must be true or false"),
            (r#"{"ratio":"x"}"#, "`ratio` must be a number"),
            (r#"{"names":"x"}"#, "`names` must be an array"),
            (r#"{"names":["x",[]]}"#, "`names[1]` must be a string"),
            (r#"{"sessions":[]}"#, "`sessions` must be an object"),
            (r#"{"sessions":{"a":-1}}"#, "`sessions.a` must be an integer"),
            (r#"{"inner":7}"#, "`inner` must be an object"),
            (r#"{"inner":{}}"#, "`inner.data` is missing"),
            (r#"{"inner":{"data":null}}"#, "`inner.data` must be a string"),
            (r#"{"text":"a","text":"b"}"#, "`text` is given more than once"),
            (r#"{"kind":"room"}"#, "`kind` must be `direct` or `group`"),
            (r#"{"unit":7}"#, "`unit` cannot be read"),
            ("7", "the body must be an object"),
        ] {
            assert_eq!(message(json), expected, "{json}");
        }
        let long = format!(r#"{{"sessions":{{"{}":""}}}}"#, "x".repeat(10_000));
        assert!(message(&long).len() < 200);
    }

    #[test]
    fn parameters_have_the_same_messages() {
        for (error, expected) in [
            ("invalid digit found in string", "`limit` must be an integer"),
            ("provided string was not `true` or `false`", "`limit` must be true or false"),
            ("duplicate field `limit`", "`limit` is given more than once"),
        ] {
            assert_eq!(malformed("the query", "limit", error).to_string(), expected);
        }
    }
}
