//! `read`, `received` and `typing`.

use super::super::schema::Schemas;
use super::fields::{MessageFields, SessionFields, required, session_id};
use super::{CommandType, empty_reply, read};
use crate::domain::{Command, Mark, Refusal};

pub(super) const COMMANDS: &[CommandType] = &[READ, RECEIVED, TYPING];

const READ: CommandType = CommandType {
    name: "read",
    description: "Moves my read mark forward. Without an `id` answered only when refused.",
    forms: &[(&["session", "seq"], &[])],
    replies: &[empty_reply],
    fields: Schemas::body::<MessageFields>,
    decode: |json, _| mark(read(json)?, Mark::Read),
};

const RECEIVED: CommandType = CommandType {
    name: "received",
    description: "Moves my received mark forward. Without an `id` answered only when refused.",
    forms: &[(&["session", "seq"], &[])],
    replies: &[empty_reply],
    fields: Schemas::body::<MessageFields>,
    decode: |json, _| mark(read(json)?, Mark::Received),
};

const TYPING: CommandType = CommandType {
    name: "typing",
    description: "Signals that I am typing. Without an `id` answered only when refused.",
    forms: &[(&["session"], &[])],
    replies: &[empty_reply],
    fields: Schemas::body::<SessionFields>,
    decode: |json, _| session_id(read::<SessionFields>(json)?.session).map(Command::Typing),
};

fn mark(MessageFields { session, seq }: MessageFields, mark: fn(i64) -> Mark) -> Result<Command, Refusal> {
    Ok(Command::Mark(session_id(session)?, mark(required(seq, "seq")?)))
}
