//! Times and bounds of a session.

use std::time::Duration;

use crate::socketio::codec::packet::Attachments;
use crate::socketio::codec::payload::Bounds;

/// What holds for every session of a server. Bounds of 0 let nothing pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Between two pings.
    pub ping_interval: Duration,
    /// Until the answer to a ping.
    pub ping_timeout: Duration,
    /// Until a namespace is connected: from the beginning, and again from when the last one has gone.
    pub connect: Duration,
    /// Until a change of transport is done.
    pub upgrade: Duration,
    /// Until a polling client has come for what is left for it, once its session is to end.
    pub linger: Duration,
    /// What one POST may be; the bytes are told to the client. Clients of revision 3 don't know them: they say whatever has
    /// gathered in one go.
    pub post: Bounds,
    /// What the answer to a poll ends at; a single packet may have more bytes. Python's clients take an answer of more than
    /// 16 packets for an error.
    pub poll: Bounds,
    /// Bytes that may wait for the client.
    pub queue_bytes: usize,
    /// What may be attached to one packet.
    pub attachments: Attachments,
    /// Namespaces that a client may be in at once.
    pub namespaces: usize,
}
