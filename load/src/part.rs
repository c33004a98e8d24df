//! What one connection does in a play: its user, dialect and session, and when it sends.

use std::sync::Arc;
use std::time::Duration;

use crate::dialect::Dialect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Listen,
    /// After each `message`, and as many at the beginning.
    OnDelivery(usize),
    /// After each acknowledgement, and as many at the beginning.
    OnAck(usize),
    /// By the clock, whatever is under way.
    Paced {
        every: Duration,
        /// From the play's beginning to the first send.
        first: Duration,
    },
}

#[derive(Clone, Debug)]
pub struct Part {
    pub number: usize,
    pub dialect: Dialect,
    pub token: Arc<str>,
    pub session: usize,
    pub session_id: Arc<str>,
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
