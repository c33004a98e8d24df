//! Socket.IO and Engine.IO as bytes: WebSocket frames, bodies of polling requests and query strings. Pure; which packet is
//! allowed when is decided by [`session`](super::session).
//!
//! An Engine.IO packet ([`engine`]) is text or binary. Each has its own WebSocket frame; polling joins several in one
//! [`payload`]. A *message* packet carries a Socket.IO [`packet`]; binary attachments follow it in packets of their own,
//! joined again by the [`Assembly`](packet::Assembly).
//!
//! Two revisions are supported: Engine.IO 4 with Socket.IO 5, and Engine.IO 3 as used by socket.io-client 2.

pub(crate) mod engine;
pub(crate) mod packet;
pub(crate) mod payload;
pub(crate) mod request;

/// A violation of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("unknown packet type")]
    Type,
    #[error("not UTF-8")]
    Utf8,
    #[error("not base64")]
    Base64,
    /// A length that is no number, or exceeds the rest of the body.
    #[error("wrong length")]
    Length,
    #[error("too large")]
    TooLarge,
    /// A namespace, number or JSON value that this type of packet does not have.
    #[error("wrong packet")]
    Packet,
    /// An event without a name, or with one that client libraries reserve.
    #[error("wrong event name")]
    EventName,
    /// Missing, unexpected or too many attachments.
    #[error("wrong attachments")]
    Attachments,
}
