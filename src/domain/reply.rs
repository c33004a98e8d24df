//! What REST responses and frames carry alike: each shape is defined here once, with its schema.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Hit, Invite, Member, Message, Session, Status, Time};

/// One session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAnswer<'a> {
    /// As I see it.
    session: Cow<'a, Session>,
}

impl From<Session> for SessionAnswer<'_> {
    fn from(session: Session) -> Self {
        Self { session: Cow::Owned(session) }
    }
}

impl<'a> From<&'a Session> for SessionAnswer<'a> {
    fn from(session: &'a Session) -> Self {
        Self { session: Cow::Borrowed(session) }
    }
}

/// One invite.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviteAnswer<'a> {
    /// As it now stands.
    invite: Cow<'a, Invite>,
}

impl From<Invite> for InviteAnswer<'_> {
    fn from(invite: Invite) -> Self {
        Self { invite: Cow::Owned(invite) }
    }
}

impl<'a> From<&'a Invite> for InviteAnswer<'a> {
    fn from(invite: &'a Invite) -> Self {
        Self { invite: Cow::Borrowed(invite) }
    }
}

/// A durable change of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Step {
    /// The step of the change; the session's present one where nothing was to change.
    pub rev: i64,
}

/// The presence of one user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Presence<'a> {
    /// The user's name.
    pub username: Cow<'a, str>,
    /// Online or offline.
    pub status: Status,
    /// The last moment this user was connected; left out while online, and where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
}

/// A part of a history.
#[derive(Serialize, ToSchema)]
pub(crate) struct Messages {
    /// Ascending by `seq`.
    pub messages: Vec<Message>,
    /// Nothing lies further that way.
    pub complete: bool,
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// Latest activity first.
    pub sessions: Vec<Session>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub(crate) struct Members {
    /// By name.
    pub members: Vec<Member>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hits {
    /// Newest first.
    pub messages: Vec<Hit>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of invites.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invites {
    /// Newest first.
    pub invites: Vec<Invite>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
