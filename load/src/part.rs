//! What one connection does in a play: whose it is, what it speaks, in which session, and when it sends.

use std::sync::Arc;
use std::time::Duration;

use crate::dialect::Dialect;

/// When a connection sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Never.
    Listen,
    /// After each `message`, and as many at the beginning.
    OnDelivery(usize),
    /// After each acknowledgement, and as many at the beginning.
    OnAck(usize),
    /// By the clock, whatever is under way.
    Paced {
        /// From one send to the next.
        every: Duration,
        /// From the play's beginning to the first send.
        first: Duration,
    },
}

/// What one connection does.
#[derive(Clone, Debug)]
pub struct Part {
    /// Number of the connection, from 0.
    pub number: usize,
    /// What it speaks.
    pub dialect: Dialect,
    /// Its user's token.
    pub token: Arc<str>,
    /// Number of its session, from 0.
    pub session: usize,
    /// Its session's id.
    pub session_id: Arc<str>,
    /// When it sends.
    pub turn: Turn,
}

/// Shares the parts out among threads, the two ends of a pair to the same one.
pub fn split(parts: Vec<Part>, threads: usize) -> Vec<Vec<Part>> {
    let mut shares = vec![Vec::new(); threads.max(1)];
    for part in parts {
        let thread = part.number / 2 % shares.len();
        if let Some(share) = shares.get_mut(thread) {
            share.push(part);
        }
    }
    shares.retain(|share| !share.is_empty());
    shares
}
