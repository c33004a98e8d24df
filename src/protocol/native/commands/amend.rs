//! `edit`, `delete` and `react`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::schema::Schemas;
use super::fields::{MessageFields, message_text, required, session_id};
use super::{CommandType, read};
use crate::domain::reply::Step;
use crate::domain::{Amendment, Command, Emoji, Refusal};

pub(super) const COMMANDS: &[CommandType] = &[EDIT, DELETE, REACT];

#[derive(Deserialize, ToSchema)]
struct EditFields {
    /// A session's id.
    session: Option<String>,
    /// A message's number.
    seq: Option<i64>,
    /// Some visible character, no control characters but tab and newline; at most `limits.text_bytes`.
    #[schema(min_length = 1)]
    text: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct ReactFields {
    /// A session's id.
    session: Option<String>,
    /// A message's number.
    seq: Option<i64>,
    /// One emoji.
    emoji: Option<String>,
    /// Adds the reaction, or removes it.
    on: Option<bool>,
}

const EDIT: CommandType = CommandType {
    name: "edit",
    description: "Replaces the text of one of my messages.",
    forms: &[(&["session", "seq", "text"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<EditFields>,
    decode: |json, limits| {
        let EditFields { session, seq, text } = read(json)?;
        amend(session, seq, Amendment::Edit(message_text(text, limits)?))
    },
};

const DELETE: CommandType = CommandType {
    name: "delete",
    description: "Deletes a message: its text is erased, and a tombstone remains.",
    forms: &[(&["session", "seq"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<MessageFields>,
    decode: |json, _| read(json).and_then(|MessageFields { session, seq }| amend(session, seq, Amendment::Delete)),
};

const REACT: CommandType = CommandType {
    name: "react",
    description: "Reacts to a message, or takes a reaction back.",
    forms: &[(&["session", "seq", "emoji", "on"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<ReactFields>,
    decode: |json, limits| {
        let ReactFields { session, seq, emoji, on } = read(json)?;
        let emoji = Emoji::parse(&required(emoji, "emoji")?, limits.emoji_bytes)?;
        amend(session, seq, Amendment::React { emoji, on: required(on, "on")? })
    },
};

fn amend(session: Option<String>, seq: Option<i64>, amendment: Amendment) -> Result<Command, Refusal> {
    Ok(Command::Amend { session: session_id(session)?, seq: required(seq, "seq")?, amendment })
}
