//! `sync` and the lists: `history`, `sessions`, `members`, `invites` and `search`.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::schema::Schemas;
use super::fields::{required, session_id};
use super::{CommandType, empty_reply, read};
use crate::domain::reply::{Hits, Invites, Members, Messages, Sessions};
use crate::domain::{Command, Refusal};

pub(super) const COMMANDS: &[CommandType] = &[SYNC, HISTORY, SESSIONS, MEMBERS, INVITES, SEARCH];

/// Sessions in one `sync`.
const MAX_SYNC_SESSIONS: usize = 500;

#[derive(Deserialize, ToSchema)]
struct SyncFields {
    /// Sessions by id, at most 500, with the `rev` that the client has of each.
    sessions: Option<BTreeMap<String, i64>>,
    /// The epoch of these revs; not checked when left out.
    epoch: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct HistoryFields {
    /// A session's id.
    session: Option<String>,
    /// Only messages below this `seq`, the newest of them.
    before: Option<i64>,
    /// Only messages above this `seq`, the oldest of them.
    after: Option<i64>,
    /// The number of messages, 1 to 200; 50 when left out.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
struct SessionsFields {
    /// The `next` of the previous page; left out for the first.
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct MembersFields {
    /// A session's id.
    session: Option<String>,
    /// The `next` of the previous page; left out for the first.
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct InvitesFields {
    /// `in` (or left out): received and not answered; `out`: sent.
    direction: Option<String>,
    /// The `next` of the previous page; left out for the first.
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct SearchFields {
    /// The words to look for.
    query: Option<String>,
    /// A session's id.
    session: Option<String>,
    /// The `next` of the previous page; left out for the first.
    cursor: Option<String>,
}

const SYNC: CommandType = CommandType {
    name: "sync",
    description: "Catches up: one `changes`, `reset` or `session_removed` for each session named, then `ok`.",
    forms: &[(&["sessions"], &["epoch"])],
    replies: &[empty_reply],
    fields: Schemas::body::<SyncFields>,
    decode: |json, _| {
        let SyncFields { sessions, epoch } = read(json)?;
        let sessions = required(sessions, "sessions")?;
        if sessions.len() > MAX_SYNC_SESSIONS {
            return Err(Refusal::invalid(format!("`sessions` may name at most {MAX_SYNC_SESSIONS} sessions")));
        }
        Ok(Command::Sync { sessions, epoch })
    },
};

const HISTORY: CommandType = CommandType {
    name: "history",
    description: "Messages of a session; without `before` and `after` the newest.",
    forms: &[(&["session"], &["before", "after", "limit"])],
    replies: &[Schemas::body::<Messages>],
    fields: Schemas::body::<HistoryFields>,
    decode: |json, _| {
        let HistoryFields { session, before, after, limit } = read(json)?;
        Ok(Command::History { session: session_id(session)?, before, after, limit })
    },
};

const SESSIONS: CommandType = CommandType {
    name: "sessions",
    description: "My sessions, latest activity first.",
    forms: &[(&[], &["cursor"])],
    replies: &[Schemas::body::<Sessions>],
    fields: Schemas::body::<SessionsFields>,
    decode: |json, _| read(json).map(|SessionsFields { cursor }| Command::Sessions { cursor }),
};

const MEMBERS: CommandType = CommandType {
    name: "members",
    description: "The members of a session, by name.",
    forms: &[(&["session"], &["cursor"])],
    replies: &[Schemas::body::<Members>],
    fields: Schemas::body::<MembersFields>,
    decode: |json, _| {
        let MembersFields { session, cursor } = read(json)?;
        Ok(Command::Members { session: session_id(session)?, cursor })
    },
};

const INVITES: CommandType = CommandType {
    name: "invites",
    description: "Invites to me, or sent by me; newest first.",
    forms: &[(&[], &["direction", "cursor"])],
    replies: &[Schemas::body::<Invites>],
    fields: Schemas::body::<InvitesFields>,
    decode: |json, _| read(json).map(|InvitesFields { direction, cursor }| Command::Invites { direction, cursor }),
};

const SEARCH: CommandType = CommandType {
    name: "search",
    description: "Messages of my sessions that contain all of the words, newest first.",
    forms: &[(&["query"], &["session", "cursor"])],
    replies: &[Schemas::body::<Hits>],
    fields: Schemas::body::<SearchFields>,
    decode: |json, _| {
        let SearchFields { query, session, cursor } = read(json)?;
        let (query, session) = (required(query, "query")?, session.map(|id| id.parse().ok()));
        Ok(Command::Search { query, session, cursor })
    },
};
