//! The queue of a connection that Socket.IO carries, as far as the others need to know it.

use std::time::Instant;

use bytes::Bytes;

use crate::domain::Disconnect;
use crate::socketio::session::Outgoing;

/// Packets that wait for a poll, or go to a socket at once. Positions count packets from the beginning of the session.
pub(crate) trait PacketQueue {
    /// Sends a packet that many clients get. `Some`: the socket's frame, which the caller adds to the write queue; `None`: the
    /// packet waits here, and the connection's task must run.
    fn pass(&self, packet: &Outgoing) -> Option<Bytes>;

    /// Ends the session; what follows from that is the connection's task's.
    fn close(&self, why: Disconnect, now: Instant);

    /// True where the client is in the main namespace, so that a `CONNECT_ERROR` would no longer reach it.
    fn is_connected(&self) -> bool;

    /// Packets sent so far.
    fn pushed(&self) -> u64;

    /// Packets handed to a poll's response or to a socket so far.
    fn left(&self) -> u64;

    /// Bytes that wait for a poll.
    fn waiting(&self) -> usize;
}
