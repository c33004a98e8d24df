//! What a connection and the hub of its thread share, and nothing else: bounded queues to the client ([`WriteQueue`],
//! [`EventQueue`]), `Deadlines`, `Memberships`, and how far the connection has come ([`Link`]).
//!
//! Nothing here knows the connection's actor, Socket.IO sessions or the state of a dialect. What a session adds is behind
//! [`PacketQueue`].

mod arrival_buffer;
mod deadlines;
mod encoded;
mod ending;
mod event_queue;
mod frames;
mod link;
mod memberships;
mod packets;
mod write_queue;

pub(super) use deadlines::Timing;
pub(super) use encoded::{EncodedEvent, Framing, join};
pub(super) use event_queue::EventQueue;
pub(super) use link::{Link, Stage};
pub(super) use packets::PacketQueue;
pub(super) use write_queue::{Position, WriteQueue};
