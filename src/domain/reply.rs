//! The payloads that REST responses and frames share, with their schemas.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Hit, Invite, Member, Message, Session, Status, Time};

/// One session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAnswer<'a> {
    /// As the requester sees it.
    session: Cow<'a, Session>,
}

/// One invite.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviteAnswer<'a> {
    /// In its present state.
    invite: Cow<'a, Invite>,
}

/// Answers are made of what they hold, owned or borrowed.
macro_rules! from_content {
    ($($answer:ident { $field:ident: $content:ident })+) => {$(
        impl From<$content> for $answer<'_> {
            fn from($field: $content) -> Self {
                Self { $field: Cow::Owned($field) }
            }
        }

        impl<'a> From<&'a $content> for $answer<'a> {
            fn from($field: &'a $content) -> Self {
                Self { $field: Cow::Borrowed($field) }
            }
        }
    )+};
}

from_content! { SessionAnswer { session: Session } InviteAnswer { invite: Invite } }

/// A durable change of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Step {
    /// The `rev` of the change; the present one where there was nothing to change.
    pub rev: i64,
}

/// The presence of one user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Presence<'a> {
    /// The user's name.
    pub username: Cow<'a, str>,
    /// Online or offline.
    pub status: Status,
    /// When the user was last connected; left out while online, and where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
}

/// A part of a history.
#[derive(Serialize, ToSchema)]
pub(crate) struct Messages {
    /// Ascending by `seq`.
    pub messages: Vec<Message>,
    /// There are no more messages in this direction.
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

/// A page of search hits.
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
