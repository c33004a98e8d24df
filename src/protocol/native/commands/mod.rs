//! The frames of the client: a file for each family of commands, with the fields, documentation and decoding of each.
//!
//! A new command is a [`CommandType`], listed in the `COMMANDS` of its family.

mod amend;
mod connection;
mod fields;
mod invites;
mod lists;
mod marks;
mod send;
mod sessions;

use serde::Deserialize;
use serde_json::{Value, json};

use super::schema::Schemas;
use crate::config::Limits;
use crate::domain::{Command, Refusal};

/// The families, in the order of the documentation.
const FAMILIES: [&[CommandType]; 7] = [
    connection::COMMANDS,
    send::COMMANDS,
    amend::COMMANDS,
    marks::COMMANDS,
    lists::COMMANDS,
    invites::COMMANDS,
    sessions::COMMANDS,
];

pub(super) fn commands() -> impl Iterator<Item = &'static CommandType> {
    FAMILIES.into_iter().flatten()
}

/// A command of the client: its fields, beside the `type` and `id` that every frame has. Unknown fields are ignored.
///
/// All fields are options: `null` counts as missing, and `decode` decides in which order missing fields and invalid values are
/// reported.
pub(super) struct CommandType {
    pub name: &'static str,
    pub description: &'static str,
    /// The accepted combinations of required and optional fields.
    pub forms: &'static [(&'static [&'static str], &'static [&'static str])],
    /// The schemas of what its `ok` carries; empty for a command without an `ok`.
    pub replies: &'static [fn(&mut Schemas) -> Value],
    pub fields: fn(&mut Schemas) -> Value,
    /// Decodes a JSON object.
    pub decode: fn(&str, &Limits) -> Result<Command, Refusal>,
}

impl CommandType {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        commands().find(|command| command.name == name)
    }
}

fn empty_reply(_: &mut Schemas) -> Value {
    json!({"type": "object", "description": "Nothing more."})
}

pub(super) fn read<'a, T: Deserialize<'a>>(frame: &'a str) -> Result<T, Refusal> {
    crate::protocol::json::read("the frame", frame)
}
