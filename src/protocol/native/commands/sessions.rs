//! `open`, `join`, `leave`, `remove`, `role` and `title`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::schema::Schemas;
use super::fields::{SessionFields, required, session_id};
use super::{CommandType, read};
use crate::domain::reply::{SessionAnswer, Step};
use crate::domain::{Command, Key, NewSession, Refusal, Role, Title};

pub(super) const COMMANDS: &[CommandType] = &[OPEN, JOIN, LEAVE, REMOVE, ROLE, TITLE];

#[derive(Deserialize, ToSchema)]
struct OpenFields {
    /// A username, in any case.
    username: Option<String>,
    /// The members of the group: users who accept anyone join at once, the others are invited.
    usernames: Option<Vec<String>>,
    /// `true`: creates a room.
    room: Option<bool>,
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// The room is kept when empty.
    keep: Option<bool>,
    /// An idempotency key: a retry with the same key has no further effect.
    #[schema(min_length = 1, max_length = 64)]
    key: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct JoinFields {
    /// A room's code; case, spaces and hyphens do not matter.
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct RemoveFields {
    /// A session's id.
    session: Option<String>,
    /// A username, in any case.
    username: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct RoleFields {
    /// A session's id.
    session: Option<String>,
    /// A username, in any case.
    username: Option<String>,
    /// The new role; `owner` transfers the ownership.
    role: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct TitleFields {
    /// A session's id.
    session: Option<String>,
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
}

const OPEN: CommandType = CommandType {
    name: "open",
    description: "Opens the direct session with a user, or creates a group or a room.",
    forms: &[(&["username"], &[]), (&["title", "usernames"], &["key"]), (&["room"], &["title", "keep", "key"])],
    replies: &[Schemas::body::<SessionAnswer<'_>>],
    fields: Schemas::body::<OpenFields>,
    decode: |json, _| {
        let OpenFields { username, usernames, room, title, keep, key } = read(json)?;
        let title = title.map(|title| Title::parse("title", &title)).transpose()?;
        let key = key.map(Key::parse).transpose()?;
        Ok(Command::Open(match (room.unwrap_or_default(), usernames, username) {
            (true, None, None) => NewSession::Room { title, keep: keep.unwrap_or_default(), key },
            (false, Some(usernames), None) => NewSession::Group { title: required(title, "title")?, usernames, key },
            (false, None, None) if title.is_some() => return Err(Refusal::invalid("`usernames` is missing")),
            (false, None, username) => NewSession::Direct { username: required(username, "username")? },
            _ => return Err(Refusal::invalid("give one of `username`, `usernames` and `room`")),
        }))
    },
};

const JOIN: CommandType = CommandType {
    name: "join",
    description: "Joins the room that has this code.",
    forms: &[(&["code"], &[])],
    replies: &[Schemas::body::<SessionAnswer<'_>>],
    fields: Schemas::body::<JoinFields>,
    decode: |json, _| Ok(Command::Join { code: required(read::<JoinFields>(json)?.code, "code")? }),
};

const LEAVE: CommandType = CommandType {
    name: "leave",
    description: "Leaves a group or room.",
    forms: &[(&["session"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<SessionFields>,
    decode: |json, _| session_id(read::<SessionFields>(json)?.session).map(Command::Leave),
};

const REMOVE: CommandType = CommandType {
    name: "remove",
    description: "Removes a member from a group or room.",
    forms: &[(&["session", "username"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<RemoveFields>,
    decode: |json, _| {
        let RemoveFields { session, username } = read(json)?;
        Ok(Command::Remove { session: session_id(session)?, username: required(username, "username")? })
    },
};

const ROLE: CommandType = CommandType {
    name: "role",
    description: "Changes a member's role; `owner` transfers ownership.",
    forms: &[(&["session", "username", "role"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<RoleFields>,
    decode: |json, _| {
        let RoleFields { session, username, role } = read(json)?;
        let (session, username) = (session_id(session)?, required(username, "username")?);
        // Parsed by hand: serde would report a number in its place as invalid JSON.
        let role = match required(role, "role")?.as_str() {
            "owner" => Role::Owner,
            "admin" => Role::Admin,
            "member" => Role::Member,
            _ => return Err(Refusal::invalid("`role` must be `owner`, `admin` or `member`")),
        };
        Ok(Command::SetRole { session, username, role })
    },
};

const TITLE: CommandType = CommandType {
    name: "title",
    description: "Changes the title of a group or room.",
    forms: &[(&["session", "title"], &[])],
    replies: &[Schemas::body::<Step>],
    fields: Schemas::body::<TitleFields>,
    decode: |json, _| {
        let TitleFields { session, title } = read(json)?;
        let title = Title::parse("title", &required(title, "title")?)?;
        Ok(Command::Retitle { session: session_id(session)?, title })
    },
};
