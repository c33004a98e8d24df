//! All SQL. Nothing above this folder knows which database it is. [`Store`] keeps queries off the event loops: reads run on a
//! bounded pool ([`db`]), writes on one thread ([`log`]).

mod background;
mod cluster;
pub(crate) mod copy;
pub(crate) mod db;
mod epoch;
mod error;
pub(crate) mod log;
pub(crate) mod search;
pub(crate) mod verify;
pub(crate) mod visibility;

/// Queries, a file for each table or for what is read of several. They run inside the caller's transaction.
mod tables {
    pub(crate) mod attendance;
    pub(crate) mod backlogs;
    pub(crate) mod blocks;
    pub(crate) mod budgets;
    pub(crate) mod credentials;
    pub(super) mod display_names;
    pub(crate) mod invites;
    pub(crate) mod lobby;
    pub(crate) mod members;
    pub(super) mod mentions;
    pub(crate) mod messages;
    pub(crate) mod requests;
    pub(crate) mod rooms;
    pub(super) mod server;
    pub(crate) mod sessions;
    pub(crate) mod sync;
    pub(crate) mod tokens;
    pub(crate) mod transient_guests;
    pub(crate) mod user_list;
    pub(crate) mod users;
}

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

pub(crate) use cluster::{Entry as OutboxEntry, NodeIdentity};
pub(crate) use db::{ChangeDetector, Db, Location};
pub(crate) use error::{Error, StartError, is_conflict, is_disconnected, is_lock_timeout, is_outage};
pub(crate) use log::amend;
pub(crate) use log::{
    Destination, Job, Obstacle, OpenDirect, Posting, Refuse, ReplySlot, Requester, Sink, Touches, Unanswered, Writer,
    obstacle,
};
pub(crate) use tables::{
    attendance, backlogs, blocks, budgets, credentials, invites, lobby, members, messages, requests, rooms, sessions,
    sync, tokens, transient_guests, user_list, users,
};

use crate::config::{Config, Directory, Switch};
use crate::domain::{CommitOutput, Refusal, SessionId, UserId};
use db::Readers;
use epoch::Epoch;
use log::{Node, Served};

/// How many clients may be connecting at once for each reading connection.
const ADMITTED_PER_READER: usize = 4;
/// Reads and commits that take longer are logged.
const SLOW: Duration = Duration::from_millis(250);

/// Runs `change` inside the caller's transaction, so that an error undoes all of `change` and nothing else.
pub(crate) fn savepoint<T>(db: &mut Db, change: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
    diesel::Connection::transaction(db, change)
}

/// Runs `change` in a transaction of its own, on a database that no server has open.
pub(crate) fn without_server<T>(db: &mut Db, change: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
    // A new database counts its users from the first one on.
    tables::server::epoch(db)?;
    db.write_transaction(change)
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    readers: Readers,
    admission: Arc<Semaphore>,
    location: Arc<Location>,
    writer: Writer,
    epoch: Epoch,
    node: NodeIdentity,
    lobby: Option<SessionId>,
}

impl Store {
    /// Opens and migrates the database, switches the lobby on or off and starts the writer. The events of each commit go to
    /// `sink`, in commit order; `refuse` gives the refusals of messages and marks; `relay` gets this node's commits for the
    /// others. Fails where the database is not Parlor's,
    /// newer than this program, in use, or cannot be opened.
    pub(crate) fn open(
        config: &Config,
        sink: Sink,
        refuse: Refuse,
        relay: mpsc::Sender<OutboxEntry>,
    ) -> Result<Self, StartError> {
        let location = &config.database_url;
        let (guard, mut db) = db::open_node(location)?;
        if let Location::Sqlite(path) = location {
            db::sqlite::stale_backups::sweep(db::sqlite::folder(path));
        }
        let identity = NodeIdentity::default();
        let epoch = Epoch::new(&tables::server::epoch(&mut db)?);
        let closed = config.directory == Directory::Closed;
        let lobby = lobby::switch(&mut db, config.lobby == Switch::On, closed)?;
        db.write_transaction(tables::display_names::fill)?;
        let (node, effects) = if db.is_postgres() {
            let name = config.node.clone().unwrap_or_else(|| std::process::id().to_string());
            let started = Node::start(&mut db, (identity.clone(), name), relay);
            let (node, effects) = started.map_err(|error| StartError::Prepare(error.to_string()))?;
            (Some(node), effects)
        } else {
            (None, Vec::new())
        };
        db::end_start(&mut db)?;
        if !effects.is_empty() {
            sink(effects, Unanswered::new());
        }
        let readers = Readers::new(location, config.readers)?;
        let permits = usize::try_from(config.readers).unwrap_or(1).max(1) * ADMITTED_PER_READER;
        let database = Served { location: location.clone(), guard, epoch: epoch.clone(), node };
        let writer = Writer::start(db, database, config.limits.writer_queue, sink, refuse);
        Ok(Self {
            readers,
            admission: Arc::new(Semaphore::new(permits)),
            location: Arc::new(location.clone()),
            writer: writer.map_err(StartError::Thread)?,
            epoch,
            node: identity,
            lobby,
        })
    }

    /// The same without a bus.
    #[cfg(test)]
    pub(crate) fn open_without_bus(config: &Config, sink: Sink, refuse: Refuse) -> Result<Self, StartError> {
        Self::open(config, sink, refuse, mpsc::channel(1).0)
    }

    /// The identity of this database's history.
    pub(crate) fn epoch(&self) -> Arc<str> {
        self.epoch.get()
    }

    /// Which node of the cluster this process is.
    pub(crate) const fn node(&self) -> &NodeIdentity {
        &self.node
    }

    /// True where other nodes may serve the same database.
    pub(crate) fn is_clustered(&self) -> bool {
        matches!(*self.location, Location::Postgres(_))
    }

    /// Releases an output for all nodes, behind everything requested before. While nothing can be written it is released at
    /// this node only: it is not worth being deferred.
    pub(crate) fn publish(&self, output: CommitOutput) {
        if self.is_clustered() && !self.writer.is_degraded() {
            self.writer.submit(Touches::nothing(), move |_, _| Ok(vec![output.clone()]));
        } else {
            self.writer.publish(output);
        }
    }

    pub(crate) const fn lobby(&self) -> Option<SessionId> {
        self.lobby
    }

    pub(crate) const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Admission control for connecting clients, first come, first served; the permit is given back when it is dropped. When
    /// all clients reconnect at once, the first are done, their `sync` included, before the last begin.
    pub(crate) async fn admit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.admission).acquire_owned().await.map_err(|_| Refusal::Unavailable)
    }

    /// The key of the frames between nodes; `None` on SQLite.
    pub(crate) async fn bus_key(&self) -> Result<Option<Vec<u8>>, Refusal> {
        self.read(tables::server::bus_key).await
    }

    /// Detects writes by other processes.
    pub(crate) fn change_detector(&self) -> ChangeDetector {
        ChangeDetector::new(&self.location)
    }

    /// Runs a short `query` in one snapshot; it does not wait for other users' long reads. Fails also with `unavailable` where
    /// the database is out of reach, and `internal` for the unexpected.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.readers.run(None, query).await
    }

    /// Like [`Store::read`], for what may take long: pages, lists, searches. A user's long reads queue among themselves.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        user: UserId,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.readers.run(Some(user), query).await
    }

    pub(crate) fn reads(&self) -> usize {
        self.readers.running()
    }

    /// True where queries are answered and commits succeed.
    pub(crate) async fn is_ready(&self) -> bool {
        self.writer.is_healthy().await && self.read(tables::server::ping).await.is_ok()
    }
}
