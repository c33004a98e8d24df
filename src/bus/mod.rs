//! The fast lane between nodes: Redis pub/sub carries each commit to the other nodes as soon as it is in the outbox.
//!
//! Nothing depends on it. A frame that is lost, late or forged changes nothing: nodes take a commit from the bus only as the next
//! one of the order, and read the outbox wherever one is missing, at once or with the next poll.

mod frame;
mod redis;

use std::time::Duration;

use tokio::sync::mpsc::Receiver;

use crate::config::RedisUrl;
use crate::store::{OutboxEntry, Store};

/// How often the outbox is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollIntervals {
    /// While the bus works.
    pub relaxed: Duration,
    /// While it does not.
    pub eager: Duration,
}

/// Connects this node to the bus, on a thread of its own, until the process ends. `committed` are its commits.
///
/// # Errors
/// Where the thread cannot be started, or the URL is not one of Redis.
pub(crate) fn start(
    url: &RedisUrl,
    store: Store,
    committed: Receiver<OutboxEntry>,
    intervals: PollIntervals,
) -> Result<(), std::io::Error> {
    let client = ::redis::Client::open(url.with_protocol()).map_err(|_| std::io::Error::other("not a URL of Redis"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let name = url.to_string();
    let run = move || runtime.block_on(redis::run(client, name, store, committed, intervals));
    std::thread::Builder::new().name("bus".to_owned()).spawn(run).map(drop)
}
