//! `invite` and `answer`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::schema::Schemas;
use super::fields::required;
use super::{CommandType, read};
use crate::domain::reply::{InviteAnswer, SessionAnswer};
use crate::domain::{Command, InviteSelector, Refusal};

pub(super) const COMMANDS: &[CommandType] = &[INVITE, ANSWER];

#[derive(Deserialize, ToSchema)]
struct InviteFields {
    /// A username, in any case.
    username: Option<String>,
    /// A session's id.
    session: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct AnswerFields {
    /// An invite's id.
    invite: Option<String>,
    /// A username, in any case.
    username: Option<String>,
    /// Accepts the invite, or rejects it.
    accept: Option<bool>,
}

const INVITE: CommandType = CommandType {
    name: "invite",
    description: "Invites a user to a direct session, or to a group.",
    forms: &[(&["username"], &["session"])],
    replies: &[Schemas::body::<InviteAnswer<'_>>],
    fields: Schemas::body::<InviteFields>,
    decode: |json, _| {
        let InviteFields { username, session } = read(json)?;
        let (username, session) = (required(username, "username")?, session.map(|id| id.parse().ok()));
        Ok(Command::Invite { username, session })
    },
};

const ANSWER: CommandType = CommandType {
    name: "answer",
    description: "Answers an invite.",
    forms: &[(&["invite", "accept"], &[]), (&["username", "accept"], &[])],
    replies: &[Schemas::body::<SessionAnswer<'_>>, Schemas::body::<InviteAnswer<'_>>],
    fields: Schemas::body::<AnswerFields>,
    decode: |json, _| {
        let AnswerFields { invite, username, accept } = read(json)?;
        let invite = match (invite, username) {
            (Some(_), Some(_)) => return Err(Refusal::invalid("give `invite` or `username`, not both")),
            (None, Some(name)) => InviteSelector::By(name),
            (id, None) => InviteSelector::Invite(required(id, "invite")?.parse().ok()),
        };
        Ok(Command::Answer { invite, accept: required(accept, "accept")? })
    },
};
