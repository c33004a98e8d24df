//! Redis pub/sub: one channel for each database, one connection for each node.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, PushInfo, PushKind, RedisError, Value};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::PollIntervals;
use super::frame::{Invalid, Seal};
use crate::domain::NodeId;
use crate::metrics;
use crate::rate_limit::LogThrottle;
use crate::store::{OutboxEntry, Store};

/// Frames that have arrived and are not taken yet; those beyond are dropped.
const ARRIVED: usize = 8_192;
/// Commits that are published together.
const TOGETHER: usize = 64;
/// Redis answers within this time.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the node looks whether its own frames arrive.
const PROBE: Duration = Duration::from_secs(1);
/// The bus works while they arrive within this time.
const SILENCE: Duration = Duration::from_secs(3);

struct Bus {
    store: Store,
    /// Redis, without user and password.
    name: String,
    key: Vec<u8>,
    epoch: Arc<str>,
    seal: Seal,
    connection: ConnectionManager,
    intervals: PollIntervals,
    probed_at: Option<Instant>,
    works: bool,
    dropped: LogThrottle,
}

/// Publishes what is `committed`, and passes on what other nodes publish, until the store ends.
pub(super) async fn run(
    client: Client,
    name: String,
    store: Store,
    mut committed: Receiver<OutboxEntry>,
    intervals: PollIntervals,
) {
    let (pushes, mut arrived) = channel(ARRIVED);
    let config = ConnectionManagerConfig::new()
        .set_push_sender(move |push: PushInfo| pushes.try_send(push))
        .set_automatic_resubscription()
        .set_number_of_retries(usize::MAX)
        .set_min_delay(Duration::from_millis(50))
        .set_max_delay(PATIENCE)
        .set_response_timeout(Some(PATIENCE))
        .set_connection_timeout(Some(PATIENCE));
    let Some(key) = key(&store).await else { return };
    let epoch = store.epoch();
    let (Ok(connection), Some(seal)) =
        (ConnectionManager::new_lazy_with_config(client, config), Seal::new(&key, &epoch))
    else {
        return log::error!("the connection to Redis cannot be set up");
    };
    let dropped = LogThrottle::new();
    let mut bus = Bus { store, name, key, epoch, seal, connection, intervals, probed_at: None, works: false, dropped };
    bus.store.writer().poll_every(intervals.eager);
    bus.subscribe().await;
    let mut probes = interval(PROBE);
    probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut own = Vec::with_capacity(TOGETHER);
    loop {
        tokio::select! {
            count = committed.recv_many(&mut own, TOGETHER) => {
                if count == 0 {
                    return;
                }
                bus.publish(&own).await;
                own.clear();
            }
            Some(push) = arrived.recv() => bus.on_push(push),
            _ = probes.tick() => bus.probe().await,
        }
    }
}

/// The key of the frames, as soon as the database can be read; `None` where it has none.
async fn key(store: &Store) -> Option<Vec<u8>> {
    loop {
        match store.bus_key().await {
            Ok(key) => return key,
            Err(refusal) => log::debug!("the key of the bus cannot be read: {}", refusal.code()),
        }
        tokio::time::sleep(PROBE).await;
    }
}

impl Bus {
    fn channel(&self) -> String {
        format!("parlor:{}", self.epoch)
    }

    async fn subscribe(&mut self) {
        let channel = self.channel();
        if let Err(error) = within(self.connection.subscribe(channel)).await {
            log::debug!("Redis cannot be subscribed to: {error}");
        }
    }

    async fn publish(&mut self, entries: &[OutboxEntry]) {
        let channel = self.channel();
        let mut pipe = redis::pipe();
        for frame in entries.iter().filter_map(|entry| self.seal.seal(entry)) {
            pipe.cmd("PUBLISH").arg(&channel).arg(frame).ignore();
        }
        if pipe.is_empty() {
            return;
        }
        match within(pipe.query_async::<()>(&mut self.connection)).await {
            Ok(()) => metrics::BUS_PUBLISHED.add(u64::try_from(pipe.len()).unwrap_or_default()),
            Err(error) => {
                metrics::BUS_FAILED.add(u64::try_from(pipe.len()).unwrap_or_default());
                log::debug!("a commit cannot be published: {error}");
            }
        }
    }

    fn on_push(&mut self, PushInfo { kind, data }: PushInfo) {
        match kind {
            PushKind::Message => match data.into_iter().nth(1) {
                Some(Value::BulkString(frame)) => self.on_frame(&frame),
                _ => self.drop_frame("malformed"),
            },
            // What is published meanwhile is missing. The next probe that arrives shows that it works again.
            PushKind::Disconnection => self.set_works(false),
            PushKind::Subscribe => self.store.writer().poll_now(),
            _ => {}
        }
    }

    fn on_frame(&mut self, frame: &[u8]) {
        match self.seal.open(frame) {
            Ok(entry) => {
                if entry.node == self.store.node().get() {
                    self.probed_at = Some(Instant::now());
                    self.set_works(true);
                } else if entry.place > 0 {
                    metrics::BUS_RECEIVED.add(1);
                    self.store.writer().receive(entry);
                }
            }
            Err(Invalid::Malformed) => self.drop_frame("malformed"),
            Err(Invalid::Version) => self.drop_frame("of another version"),
            Err(Invalid::Forged) => self.drop_frame("not authentic"),
        }
    }

    fn drop_frame(&mut self, why: &str) {
        metrics::BUS_DROPPED.add(1);
        if self.dropped.is_due(&why, std::time::Instant::now()) {
            log::warn!("a frame on Redis is {why}, and was dropped");
        }
    }

    /// Publishes a frame for this node itself, and compares how long the last one has been away.
    async fn probe(&mut self) {
        let epoch = self.store.epoch();
        if epoch != self.epoch
            && let Some(seal) = Seal::new(&self.key, &epoch)
        {
            let old = self.channel();
            let _ = within(self.connection.unsubscribe(old)).await;
            (self.epoch, self.seal) = (epoch, seal);
            self.subscribe().await;
        }
        let is_silent = self.probed_at.is_none_or(|at| at.elapsed() > SILENCE);
        if is_silent {
            self.set_works(false);
            self.subscribe().await;
        }
        let node: NodeId = self.store.node().get();
        self.publish(&[OutboxEntry { place: 0, node, number: 0, body: String::new() }]).await;
    }

    fn set_works(&mut self, works: bool) {
        if std::mem::replace(&mut self.works, works) != works {
            if works {
                log::info!("connected to Redis at {}", self.name);
            } else {
                log::warn!("Redis at {} is out of reach: other nodes' commits are read from the database", self.name);
            }
            self.store.writer().set_bus_works(works);
            let interval = if works { self.intervals.relaxed } else { self.intervals.eager };
            self.store.writer().poll_every(interval);
        }
    }
}

/// While the connection is being restored, a request would wait for that.
async fn within<T>(request: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
    let late = || RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    timeout(PATIENCE, request).await.unwrap_or_else(|_| Err(late()))
}
