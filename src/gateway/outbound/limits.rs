//! The times and bounds of every connection.

use std::time::Duration;

use crate::config::Config;

/// Equal for all connections, so a thread has one that they share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboundLimits {
    /// Time from accepting a connection until it must have authenticated.
    pub hello: Duration,
    /// Time between two pings.
    pub heartbeat: Duration,
    /// Time from a ping until its pong.
    pub pong: Duration,
    /// Bytes that may be queued for one client; 0 is no bound.
    pub queue_bytes: usize,
}

impl OutboundLimits {
    pub(crate) fn new(config: &Config) -> Self {
        let (pace, seconds) = (&config.pace, |seconds: u32| Duration::from_secs(seconds.into()));
        Self {
            hello: seconds(pace.hello_seconds),
            heartbeat: seconds(pace.heartbeat_seconds),
            pong: seconds(pace.heartbeat_timeout_seconds),
            queue_bytes: config.limits.queue_bytes,
        }
    }
}
