//! Sessions as somebody needs to know them who tells of them message by message.

use super::SessionId;

/// A session, how far its user has received, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// Never the lobby's.
    pub session: SessionId,
    /// The other's username, where it is a direct session.
    pub partner: Option<String>,
    /// Up to here its user has received.
    pub received: i64,
    /// Its newest message.
    pub seq: i64,
}
