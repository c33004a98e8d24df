//! Replies to commands.

use super::{Invite, MessageId, Refusal, RequestId, Session, SessionId, Time};

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// `None` where the client gave none; some commands are then replied to only when refused.
    pub request_id: Option<RequestId>,
    pub outcome: Result<Answer, Refusal>,
}

/// The result of a command that was not refused.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Sent {
        session: SessionId,
        id: MessageId,
        seq: i64,
        rev: i64,
        at: Time,
        /// It had been stored before, under the same key.
        duplicate: bool,
    },
    /// The member's marks as they now are.
    Marked {
        read: i64,
        /// Messages above `read`, counted up to 1,000.
        unread: i64,
    },
    /// The `rev` of the change, or the present one where there was nothing to change.
    Changed(i64),
    /// The session that was opened or joined.
    Session(Box<Session>),
    /// The invite that was made, rejected or withdrawn.
    Invite(Box<Invite>),
    Done,
    Pong,
}
