//! What a connection and the hub of its thread share ([`Link`]): bounded queues to the client ([`WriteQueue`], [`EventQueue`]),
//! deadlines, subscriptions and the phase. Nothing here depends on the connection's actor or the state of a dialect.

mod deadlines;
mod encoded;
mod ending;
mod event_queue;
mod frames;
mod handshake_buffer;
mod limits;
mod link;
mod memberships;
mod write_queue;

pub(super) use encoded::{EncodedEvent, Framing, join};
pub(super) use event_queue::EventQueue;
pub(super) use limits::OutboundLimits;
pub(super) use link::{Link, Phase};
pub(super) use write_queue::{Position, WriteQueue};
