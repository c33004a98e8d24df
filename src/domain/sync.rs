//! Replies with which a client catches up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Member, MemberState, Message, Removal, SessionId};

/// The marks of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Receipt {
    /// The member.
    pub username: String,
    /// Up to this `seq` the member has read.
    pub read: i64,
    /// Up to this `seq` one of their devices has received.
    pub received: i64,
}

/// A membership that changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct MemberChange {
    /// The member.
    #[serde(flatten)]
    pub member: Member,
    /// Joined, left or removed.
    pub state: MemberState,
    /// The `rev` of the change.
    pub rev: i64,
}

/// One page of the changes of a session after `from`, a consistent snapshot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// The requested session.
    pub session: SessionId,
    /// The requested `rev`.
    pub from: i64,
    /// The `rev` that the client has after this page.
    pub to: i64,
    /// Messages whose last change is after `from`, by `rev`.
    pub messages: Vec<Message>,
    /// Memberships that changed after `from`.
    pub members: Vec<MemberChange>,
    /// The present title.
    pub title: String,
    /// The present code of a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The requester's present read mark.
    pub read: i64,
    /// The requester's present unread count.
    pub unread: i64,
    /// The present marks of all members, in sessions of up to 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<Receipt>>,
    /// There are more changes: request the next page from `to`.
    pub more: bool,
}

/// The reply to one session of a `sync`, tagged as the frame of the same name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Resync {
    /// The changes.
    Changes(Box<Changes>),
    /// The client must discard the session and load it again.
    Reset {
        /// The requested session.
        session: SessionId,
    },
    /// The requester is not a member.
    SessionRemoved {
        /// The requested id.
        session: String,
        /// Always `not_found`: a session of others is not distinguished from one that does not exist.
        reason: Removal,
    },
}

/// The messages of a session that its user has not received, for dialects that replay them one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Never the lobby.
    pub session: SessionId,
    /// The other user's name in a direct session.
    pub partner: Option<String>,
    /// The `seq` up to which the user has received, 0 before the first.
    pub received: i64,
    /// The `seq` of the newest message, 0 before the first.
    pub seq: i64,
}
