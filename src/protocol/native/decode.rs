//! Decoding of a client's frame: its `type` selects the [`CommandType`] that reads the other fields.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::{CommandType, read};
use crate::config::Limits;
use crate::domain::{Command, Refusal, RequestId, is_label};
use crate::protocol::json::is_object;

/// A frame that is no command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MalformedFrame {
    /// Its `id`, as far as it could be read.
    pub request: Option<RequestId>,
    /// Always `invalid_request` or `too_large`.
    pub refusal: Refusal,
}

/// The fields that every frame has.
#[derive(Deserialize, ToSchema)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    #[schema(value_type = String)]
    r#type: Option<FrameType<'a>>,
    /// The client's id of the command, which its reply carries.
    #[schema(min_length = 1, max_length = 64)]
    id: Option<String>,
}

/// Borrowed unless it has escapes: serde borrows a `Cow` only outside of an `Option`.
#[derive(Deserialize)]
struct FrameType<'a>(#[serde(borrow)] Cow<'a, str>);

pub(super) fn decode(frame: &str, limits: &Limits) -> Result<(Option<RequestId>, Command), MalformedFrame> {
    let anonymous = |refusal| MalformedFrame { request: None, refusal };
    if !is_object(frame) {
        return Err(anonymous(Refusal::invalid("a frame must be a JSON object")));
    }
    let Envelope { r#type, id } = read(frame).map_err(|refusal| MalformedFrame { request: find_id(frame), refusal })?;
    if id.as_ref().is_some_and(|id| !is_label(id)) {
        return Err(anonymous(Refusal::invalid("`id` must have 1 to 64 characters and no control characters")));
    }
    let request = id.map(RequestId::Text);
    let command = match r#type {
        None => Err(Refusal::invalid("`type` is missing")),
        Some(FrameType(name)) => match CommandType::find(&name) {
            None => Err(Refusal::invalid(format!("unknown `type`: {}", shorten(&name)))),
            Some(command) => (command.decode)(frame, limits),
        },
    };
    match command {
        Ok(command) => Ok((request, command)),
        Err(refusal) => Err(MalformedFrame { request, refusal }),
    }
}

/// The command with this name and these fields, for transports that carry the name and the id outside of the fields.
pub(crate) fn decode_named(name: &str, fields: &str, limits: &Limits) -> Result<Command, Refusal> {
    let Some(command) = CommandType::find(name) else {
        return Err(Refusal::invalid(format!("unknown command: {}", shorten(name))));
    };
    if !is_object(fields) {
        return Err(Refusal::invalid("the fields of a command must be one object"));
    }
    (command.decode)(fields, limits)
}

fn shorten(name: &str) -> String {
    name.chars().take(32).collect()
}

/// The `id` of a frame whose other fields are malformed.
fn find_id(frame: &str) -> Option<RequestId> {
    let frame: serde_json::Value = serde_json::from_str(frame).ok()?;
    let id = frame.get("id")?.as_str().filter(|id| is_label(id))?;
    Some(RequestId::Text(id.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{SessionId, Target};

    fn limits() -> Limits {
        use clap::Parser;
        crate::config::Config::parse_from(["parlor"]).limits
    }

    fn refusal(frame: &str) -> (Option<RequestId>, String) {
        let malformed = decode(frame, &limits()).unwrap_err();
        (malformed.request, malformed.refusal.to_string())
    }

    #[test]
    fn a_send_is_decoded() {
        let frame = r#" {"type":"send","id":"7","session":"0000000000001","text":"h\u00ee","key":"k","reply_to":3}"#;
        let (request, command) = decode(frame, &limits()).unwrap();
        assert_eq!(request, Some(RequestId::Text("7".to_owned())));
        let Command::Send(draft) = command else { panic!("{command:?}") };
        assert_eq!(draft.target, Target::Session(Some(SessionId(1))));
        assert_eq!((draft.text.as_str(), draft.reply_to), ("hî", Some(3)));
    }

    #[test]
    fn the_reason_names_the_field() {
        let id = |id: &str| Some(RequestId::Text(id.to_owned()));
        assert_eq!(refusal("[]").1, "a frame must be a JSON object");
        assert_eq!(refusal(r#"{"id":"1"}"#), (id("1"), "`type` is missing".into()));
        assert_eq!(refusal(r#"{"id":"1","type":7}"#), (id("1"), "`type` must be a string".into()));
        let frame = r#"{"type":"send","id":"2","session":"x","text":5}"#;
        assert_eq!(refusal(frame), (id("2"), "`text` must be a string".into()));
        assert_eq!(refusal(r#"{"type":"send","session":"x","text":null}"#).1, "`text` is missing");
        assert_eq!(refusal(r#"{"type":"edit"}"#).1, "`text` is missing");
        assert_eq!(refusal(r#"{"type":"ping","id":"a","id":"b"}"#), (id("b"), "`id` is given more than once".into()));
        assert!(refusal(r#"{"type":"send","text":"\ud800","session":"x"}"#).1.ends_with("is not valid JSON"));
        assert!(refusal(&format!("{{\"x\":{}", "[".repeat(100_000))).1.ends_with("is not valid JSON"));
        assert!(refusal(r#"{"type":"nonsense"}"#).1.ends_with("nonsense"));
        assert!(refusal(r#"{"type":"ping"}x"#).1.ends_with("nothing behind it"));
    }

    #[test]
    fn a_malformed_session_id_is_accepted_and_matches_no_session() {
        let (_, command) = decode(r#"{"type":"typing","session":"nonsense"}"#, &limits()).unwrap();
        assert_eq!(command, Command::Typing(None));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(frame in ".*") {
            let _ = decode(&frame, &limits());
        }

        #[test]
        fn no_object_makes_the_decoder_panic(
            fields in proptest::collection::vec(("(type|id|session|text|seq|sessions|key|x)", "[\\[\\]{}\",:0-9a-z]{0,12}"), 0..6),
        ) {
            let body: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            let _ = decode(&format!("{{{}}}", body.join(",")), &limits());
        }
    }
}
