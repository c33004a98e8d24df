//! `hello`, `ping` and `goodbye`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::schema::Schemas;
use super::{CommandType, read};
use crate::domain::{Command, Credential};

pub(super) const COMMANDS: &[CommandType] = &[HELLO, PING, GOODBYE];

#[derive(Deserialize, ToSchema)]
struct HelloFields {
    /// The token that a login returned.
    token: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct NoFields {}

const HELLO: CommandType = CommandType {
    name: "hello",
    description: "Authenticates the connection; the first frame. No token where a header or cookie carried it. Answered by `ready`.",
    forms: &[(&[], &["token"])],
    replies: &[],
    fields: Schemas::body::<HelloFields>,
    decode: |json, _| Ok(Command::Hello(read::<HelloFields>(json)?.token.map(Credential))),
};

const PING: CommandType = CommandType {
    name: "ping",
    description: "Answered by `pong`.",
    forms: &[(&[], &[])],
    replies: &[],
    fields: Schemas::body::<NoFields>,
    decode: |json, _| read::<NoFields>(json).map(|_| Command::Ping),
};

const GOODBYE: CommandType = CommandType {
    name: "goodbye",
    description: "Ends the connection without the presence grace period.",
    forms: &[(&[], &[])],
    replies: &[],
    fields: Schemas::body::<NoFields>,
    decode: |json, _| read::<NoFields>(json).map(|_| Command::Goodbye),
};
