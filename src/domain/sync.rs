//! What a client is told to catch up.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Member, MemberState, Message, Removal, SessionId};

/// How far one member has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// The member's name.
    pub username: String,
    /// Up to which `seq` they have read.
    pub read: i64,
    /// Up to which `seq` their devices have received.
    pub received: i64,
}

/// A membership that changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MemberChange {
    /// Who, with which role, since when.
    #[serde(flatten)]
    pub member: Member,
    /// In it, or how they went.
    pub state: MemberState,
    /// The step at which it changed.
    pub rev: i64,
}

/// One page of what changed in a session after `from`: a single snapshot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// The session that was asked for.
    pub session: SessionId,
    /// The `rev` that was asked for.
    pub from: i64,
    /// What the client holds after this page.
    pub to: i64,
    /// Messages whose last change lies after `from`, by `rev`.
    pub messages: Vec<Message>,
    /// Memberships that changed after `from`.
    pub members: Vec<MemberChange>,
    /// The title as it now is.
    pub title: String,
    /// The room's code, as it now is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// My read mark, as it now is.
    pub read: i64,
    /// My unread count, as it now is.
    pub unread: i64,
    /// Everybody's marks as they now are, in sessions of up to 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<Receipt>>,
    /// Ask again from `to`.
    pub more: bool,
}

/// The answer to one session of a `sync`, tagged as the frame of the same name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Resync {
    /// What changed.
    Changes(Box<Changes>),
    /// Forget what you have of it and load afresh.
    Reset {
        /// The session that was asked for.
        session: SessionId,
    },
    /// Not, or no longer, a session of yours.
    SessionRemoved {
        /// The id as it was asked for.
        session: String,
        /// Always `not_found`: a session one is not in cannot be told from one that does not exist.
        reason: Removal,
    },
}
