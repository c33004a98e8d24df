//! `send`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::encode::Sent;
use super::super::schema::Schemas;
use super::fields::{message_text, required};
use super::{CommandType, read};
use crate::domain::{Command, Draft, Key, Refusal, Target};

pub(super) const COMMANDS: &[CommandType] = &[SEND];

#[derive(Deserialize, ToSchema)]
struct SendFields {
    /// A session's id.
    session: Option<String>,
    /// A username: the direct session with this user, which is opened where allowed.
    to: Option<String>,
    /// Some visible character, no control characters but tab and newline; at most `limits.text_bytes`.
    #[schema(min_length = 1)]
    text: Option<String>,
    /// An idempotency key: a retry with the same key has no further effect.
    #[schema(min_length = 1, max_length = 64)]
    key: Option<String>,
    /// The `seq` of the message that it replies to.
    reply_to: Option<i64>,
}

const SEND: CommandType = CommandType {
    name: "send",
    description: "Sends a message to a session, or to a user.",
    forms: &[(&["session", "text"], &["key", "reply_to"]), (&["to", "text"], &["key", "reply_to"])],
    replies: &[Schemas::body::<Sent>],
    fields: Schemas::body::<SendFields>,
    decode: |json, limits| {
        let SendFields { session, to, text, key, reply_to } = read(json)?;
        let target = match (session, to) {
            (Some(_), Some(_)) => return Err(Refusal::invalid("give `session` or `to`, not both")),
            (None, Some(name)) => Target::User(name),
            (session, None) => Target::Session(required(session, "session")?.parse().ok()),
        };
        let text = message_text(text, limits)?;
        let key = key.map(Key::parse).transpose()?;
        Ok(Command::Send(Draft { target, text, key, reply_to }))
    },
};
