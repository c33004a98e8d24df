//! Socket.IO and the Engine.IO under it, as bytes: what stands in a WebSocket frame, in the body of a polling request, in a
//! request's address. Pure; who may say what, and when, is the gateway's.
//!
//! An Engine.IO packet ([`engine`]) is text or binary. Over a WebSocket each has its own frame; polling joins several in one
//! [`payload`]. A text packet of the kind *message* carries a Socket.IO [`packet`], and what is binary in that follows it in
//! packets of its own, joined again by the [`Assembly`](packet::Assembly).
//!
//! Two revisions are spoken: Engine.IO 4 with Socket.IO 5, and Engine.IO 3 as socket.io-client 2 speaks it.

pub(crate) mod engine;
pub(crate) mod packet;
pub(crate) mod payload;
pub(crate) mod request;

/// What was said is not the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// No packet begins like that.
    #[error("unknown packet type")]
    Type,
    /// Not UTF-8 where text must be.
    #[error("not UTF-8")]
    Utf8,
    /// Not base64 where it must be.
    #[error("not base64")]
    Base64,
    /// A length that is no number, or that what follows does not have.
    #[error("wrong length")]
    Length,
    /// More bytes or packets than one body may have.
    #[error("too large")]
    TooLarge,
    /// A namespace, number or JSON that does not belong into such a packet.
    #[error("wrong packet")]
    Packet,
    /// An event without a name, or with one that means something to the clients themselves.
    #[error("wrong event name")]
    EventName,
    /// More attachments than a packet may have, none where it needs some, or some where none belong.
    #[error("wrong attachments")]
    Attachments,
}
