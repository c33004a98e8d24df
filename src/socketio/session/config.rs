//! The settings of a session.

use std::time::Duration;

use crate::socketio::codec::packet::Attachments;
use crate::socketio::codec::payload::Bounds;

/// Timeouts and limits of every session of a server. A limit of 0 allows nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionConfig {
    /// Between two pings.
    pub ping_interval: Duration,
    /// Until the pong is overdue.
    pub ping_timeout: Duration,
    /// For which a client may be without a namespace, at the start and after it has left the last one.
    pub connect: Duration,
    /// Within which an upgrade must complete.
    pub upgrade: Duration,
    /// For which a closing session waits for a poll to collect its queued packets.
    pub linger: Duration,
    /// Limits of one POST; the bytes are announced in the handshake. Clients of revision 3 ignore that and send everything
    /// queued in one body.
    pub post: Bounds,
    /// Where the response to a poll ends; a single packet may be larger. Python's clients reject more than 16 packets.
    pub poll: Bounds,
    /// Bytes that may be queued for a polling client.
    pub queue_bytes: usize,
    pub attachments: Attachments,
    /// Namespaces that a client may join at once.
    pub namespaces: usize,
}
