//! Frames of the client.
//!
//! Every frame is read in one pass into the fields that any command may have; only a frame that is wrong is read again, to
//! say which field is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Asked, Command, Draft, Key, Mark, Reference, Refusal, SessionId, Target, Text};

/// Sessions that one `sync` may name.
const SYNC_UP_TO: usize = 500;

/// A frame that is no command, and whose it was as far as it says.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The client's own name for it.
    pub reference: Option<Reference>,
    /// Always `invalid_request` or `too_large`.
    pub refusal: Refusal,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    r#type: Option<Cow<'a, str>>,
    id: Option<String>,
    token: Option<String>,
    #[serde(borrow)]
    session: Option<Cow<'a, str>>,
    to: Option<String>,
    text: Option<String>,
    key: Option<String>,
    reply_to: Option<i64>,
    seq: Option<i64>,
    sessions: Option<BTreeMap<String, i64>>,
    epoch: Option<String>,
    before: Option<i64>,
    after: Option<i64>,
    limit: Option<i64>,
    cursor: Option<String>,
    direction: Option<String>,
    username: Option<String>,
    #[serde(borrow)]
    invite: Option<Cow<'a, str>>,
    accept: Option<bool>,
}

/// The command of a frame, and the client's own name for it. `text_bytes` bounds a message's text; 0 is no limit.
///
/// # Errors
/// What is wrong with the frame.
pub fn decode(frame: &str, text_bytes: usize) -> Result<(Option<Reference>, Command), Malformed> {
    let nameless = |refusal| Malformed { reference: None, refusal };
    // An array would pass for an object whose fields stand in order.
    if !frame.trim_start().starts_with('{') {
        return Err(nameless(Refusal::invalid("a frame must be a JSON object")));
    }
    let mut fields: Fields<'_> = match serde_json::from_str(frame) {
        Ok(fields) => fields,
        Err(_) => return Err(diagnose(frame)),
    };
    let reference = fields.id.take();
    if reference.as_ref().is_some_and(|id| !(1..=64).contains(&id.chars().take(65).count())) {
        return Err(nameless(Refusal::invalid("`id` must have 1 to 64 characters")));
    }
    match command(fields, text_bytes) {
        Ok(command) => Ok((reference, command)),
        Err(refusal) => Err(Malformed { reference, refusal }),
    }
}

fn diagnose(frame: &str) -> Malformed {
    let mut reader = serde_json::Deserializer::from_str(frame);
    let detail = match serde_path_to_error::deserialize::<_, Fields<'_>>(&mut reader) {
        Err(error) if error.inner().is_data() => format!("`{}`: {}", error.path(), error.inner()),
        Err(error) => format!("not JSON: {}", error.inner()),
        Ok(_) => "not JSON: characters behind the object".to_owned(),
    };
    let reference = serde_json::from_str::<serde_json::Value>(frame)
        .ok()
        .and_then(|value| value.get("id")?.as_str().map(str::to_owned))
        .filter(|id| id.chars().count() <= 64);
    Malformed { reference, refusal: Refusal::Invalid(detail) }
}

fn command(fields: Fields<'_>, text_bytes: usize) -> Result<Command, Refusal> {
    let Some(kind) = fields.r#type.as_deref() else {
        return Err(missing("type"));
    };
    // An id that cannot be one names nothing; it is answered like any session one is not in.
    let session =
        |given: Option<Cow<'_, str>>| given.map(|id| id.parse::<SessionId>().ok()).ok_or_else(|| missing("session"));
    Ok(match kind {
        "hello" => Command::Hello(fields.token),
        "send" => {
            let target = match (fields.session, fields.to) {
                (Some(id), None) => Target::Session(id.parse().ok()),
                (None, Some(name)) => Target::User(name),
                (None, None) => return Err(missing("session")),
                (Some(_), Some(_)) => return Err(Refusal::invalid("give `session` or `to`, not both")),
            };
            let text = Text::parse(fields.text.ok_or_else(|| missing("text"))?, text_bytes)?;
            let key = fields.key.map(Key::parse).transpose()?;
            Command::Send(Draft { target, text, key, reply_to: fields.reply_to })
        }
        "read" => Command::Mark(session(fields.session)?, Mark::Read(fields.seq.ok_or_else(|| missing("seq"))?)),
        "received" => {
            Command::Mark(session(fields.session)?, Mark::Received(fields.seq.ok_or_else(|| missing("seq"))?))
        }
        "typing" => Command::Typing(session(fields.session)?),
        "sync" => {
            let sessions = fields.sessions.ok_or_else(|| missing("sessions"))?;
            if sessions.len() > SYNC_UP_TO {
                return Err(Refusal::invalid(format!("`sessions` may name at most {SYNC_UP_TO} sessions")));
            }
            Command::Sync { sessions, epoch: fields.epoch }
        }
        "history" => Command::History {
            session: session(fields.session)?,
            before: fields.before,
            after: fields.after,
            limit: fields.limit,
        },
        "sessions" => Command::Sessions { cursor: fields.cursor },
        "invites" => Command::Invites { direction: fields.direction, cursor: fields.cursor },
        "invite" => Command::Invite { username: fields.username.ok_or_else(|| missing("username"))? },
        "answer" => {
            let invite = match (fields.invite, fields.username) {
                (Some(id), None) => Asked::Invite(id.parse().ok()),
                (None, Some(name)) => Asked::By(name),
                (None, None) => return Err(missing("invite")),
                (Some(_), Some(_)) => return Err(Refusal::invalid("give `invite` or `username`, not both")),
            };
            Command::Answer { invite, accept: fields.accept.ok_or_else(|| missing("accept"))? }
        }
        "open" => Command::Open { username: fields.username.ok_or_else(|| missing("username"))? },
        "ping" => Command::Ping,
        "goodbye" => Command::Goodbye,
        other => {
            let other: String = other.chars().take(32).collect();
            return Err(Refusal::invalid(format!("`type` is no command that this server knows: {other}")));
        }
    })
}

fn missing(field: &str) -> Refusal {
    Refusal::invalid(format!("`{field}` is missing"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(frame: &str) -> (Option<String>, String) {
        let malformed = decode(frame, 100).unwrap_err();
        (malformed.reference, malformed.refusal.to_string())
    }

    #[test]
    fn a_send_is_read() {
        let frame = r#" {"type":"send","id":"7","session":"0000000000001","text":"h\u00ee","key":"k","reply_to":3}"#;
        let (reference, command) = decode(frame, 100).unwrap();
        assert_eq!(reference.as_deref(), Some("7"));
        let Command::Send(draft) = command else { panic!("{command:?}") };
        assert_eq!(draft.target, Target::Session(Some(SessionId(1))));
        assert_eq!((draft.text.as_str(), draft.reply_to), ("hî", Some(3)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refusal("[]").1, "a frame must be a JSON object");
        assert_eq!(refusal(r#"{"id":"1"}"#), (Some("1".into()), "`type` is missing".into()));
        let (id, why) = refusal(r#"{"type":"send","id":"2","session":"x","text":5}"#);
        assert_eq!(id.as_deref(), Some("2"));
        assert!(why.starts_with("`text`: invalid type: integer `5`, expected a string"), "{why}");
        assert!(refusal(r#"{"type":"send","text":"\ud800","session":"x"}"#).1.starts_with("not JSON: "));
        assert!(refusal(&format!("{{\"x\":{}", "[".repeat(100_000))).1.starts_with("not JSON: "));
        assert!(refusal(r#"{"type":"nonsense"}"#).1.ends_with("nonsense"));
    }

    #[test]
    fn an_id_that_is_none_names_nothing() {
        let (_, command) = decode(r#"{"type":"typing","session":"nonsense"}"#, 0).unwrap();
        assert_eq!(command, Command::Typing(None));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(frame in ".*") {
            let _ = decode(&frame, 100);
        }

        #[test]
        fn no_object_makes_the_decoder_panic(
            fields in proptest::collection::vec(("(type|id|session|text|seq|sessions|key|x)", "[\\[\\]{}\",:0-9a-z]{0,12}"), 0..6),
        ) {
            let body: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            let _ = decode(&format!("{{{}}}", body.join(",")), 100);
        }
    }
}
