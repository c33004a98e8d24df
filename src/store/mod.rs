//! The only SQL. A file per table with plain functions on `&mut Db`, which run inside whatever transaction their caller
//! holds; [`Store`] keeps them off the event loops: reads on a bounded pool, writes on one thread that commits whatever
//! waits together.
//!
//! Nothing above this folder knows which database it is.

pub(crate) mod amend;
mod append;
pub(crate) mod backup;
mod batch;
pub(crate) mod blocks;
pub(crate) mod budgets;
mod chores;
mod columns;
mod commit;
pub(crate) mod conversations;
pub(crate) mod credentials;
mod db;
mod error;
mod glance;
mod health;
mod hot;
pub(crate) mod invites;
mod job;
mod kept;
mod keys;
pub(crate) mod leftovers;
mod limited;
pub(crate) mod lobby;
pub(crate) mod members;
mod mentions;
pub(crate) mod messages;
mod names;
pub(crate) mod people;
mod purge;
mod recovery;
pub(crate) mod requests;
pub(crate) mod rooms;
mod schema;
mod scrub;
pub(crate) mod search;
mod server;
pub(crate) mod sessions;
pub(crate) mod stays;
pub(crate) mod steps;
pub(crate) mod sync;
pub(crate) mod tokens;
mod turns;
pub(crate) mod users;
pub(crate) mod verify;
pub(crate) mod visibility;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use append::{Obstacle, Opening, Posting, PostingRules, added, obstacle};
pub(crate) use db::{Db, Location, PRIVATE, Watch, beside, open_telling, reading, refuse_older};
pub(crate) use error::{Error, StartError};
pub(crate) use glance::Glance;
pub(crate) use job::{Claim, Job, Lost, Origin, Sink};
pub(crate) use writer::Writer;

use crate::config::{Config, Directory, Switch};
use crate::domain::{Refusal, SessionId, UserId};
use crate::metrics;

/// So many connections arrive at once for each reading connection.
const ARRIVALS: usize = 4;
/// A read that takes longer is logged.
const SLOW: Duration = Duration::from_millis(250);

/// Runs `change` inside the caller's transaction, so that an error undoes all of `change` and nothing else.
///
/// # Errors
/// Those of `change`.
pub(crate) fn savepoint<T>(db: &mut Db, change: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
    diesel::Connection::transaction(db, change)
}

/// Runs `change` in a transaction of its own, on a database that no server has open.
///
/// # Errors
/// Those of `change`, and of the database.
pub(crate) fn without_server<T>(db: &mut Db, change: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
    // A new database counts its people from the first one on.
    server::epoch(db)?;
    db.immediate_transaction(change)
}

/// The way to the database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    readers: r2d2::Pool<db::Readers>,
    turns: turns::Turns,
    arrivals: Arc<Semaphore>,
    log: Arc<Path>,
    writer: Writer,
    epoch: Arc<str>,
    lobby: Option<SessionId>,
}

impl Store {
    /// Opens the database, brings its schema up to date, opens or closes the lobby and starts the writer. What
    /// a commit lets out goes to `sink`, in commit order.
    ///
    /// # Errors
    /// Says why the database cannot be served: not Parlor's, newer than this program, in use, or out of reach.
    pub(crate) fn open(config: &Config, sink: Sink) -> Result<Self, StartError> {
        let (location, readers) = (&config.database_url, config.readers);
        let (guard, mut db) = db::open(location)?;
        leftovers::sweep(db::folder(location));
        let epoch = server::epoch(&mut db)?.into();
        let closed = config.directory == Directory::Closed;
        let lobby = lobby::switch(&mut db, config.lobby == Switch::On, closed)?;
        db.immediate_transaction(names::fill)?;
        let pool = db::readers(location, readers)?;
        let permits = usize::try_from(readers).unwrap_or(1);
        let writer =
            Writer::start(db, location, guard, config.limits.writer_queue, sink).map_err(StartError::Thread)?;
        Ok(Self {
            readers: pool,
            turns: turns::Turns::new(permits),
            arrivals: Arc::new(Semaphore::new(permits.max(1) * ARRIVALS)),
            log: db::log(location).into(),
            writer,
            epoch,
            lobby,
        })
    }

    /// The identity of this database's history.
    pub(crate) fn epoch(&self) -> &Arc<str> {
        &self.epoch
    }

    /// The session that everybody is in, where there is one.
    pub(crate) const fn lobby(&self) -> Option<SessionId> {
        self.lobby
    }

    /// Where changes go.
    pub(crate) const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// A place among those who arrive, in the order in which they ask; given back when it is dropped. There are a few for each
    /// reading connection: when everybody comes back at once, those who came first are done, their `sync` included, before the
    /// last begin.
    ///
    /// # Errors
    /// `unavailable` where the server ends.
    pub(crate) async fn arrive(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.arrivals).acquire_owned().await.map_err(|_| Refusal::Unavailable)
    }

    /// Looks whether anybody may have written, without asking the database.
    pub(crate) fn glance(&self) -> Glance {
        Glance::new(&self.log)
    }

    /// Runs `query` on a reading connection, in one snapshot. For what is short: the answer does not wait for anybody's
    /// long reads.
    ///
    /// # Errors
    /// What `query` refuses; `unavailable` where the database is out of reach, `internal` for the unexpected.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turns.short().await.map_err(|_| Refusal::Unavailable)?;
        self.read_in(turn, query).await
    }

    /// Like [`Store::read`], for what may take long: pages, lists, a search. They wait for those of the same user, and users
    /// take turns.
    ///
    /// # Errors
    /// Those of [`Store::read`].
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        user: UserId,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turns.long(user).await.map_err(|_| Refusal::Unavailable)?;
        self.read_in(turn, query).await
    }

    async fn read_in<T: Send + 'static>(
        &self,
        turn: turns::Turn,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        // The turn is held by the thread, not by this future: whoever stops waiting does not make room for a second
        // query while the first still runs.
        let readers = self.readers.clone();
        let work = move || {
            let _turn = turn;
            let mut db = readers.get().map_err(|error| {
                log::error!("no connection for reading: {error}");
                Refusal::Unavailable
            })?;
            let began = Instant::now();
            let answer = diesel::Connection::transaction(&mut *db, query).map_err(Error::into_refusal);
            let took = began.elapsed();
            metrics::READ_TIME.took(took);
            if took > SLOW {
                log::warn!("a read took {} ms", took.as_millis());
            }
            answer
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            log::error!("a read ended badly: {error}");
            Err(Refusal::Internal)
        })
    }

    /// How many reads run now.
    pub(crate) fn reads(&self) -> usize {
        usize::try_from(self.readers.max_size()).unwrap_or_default().saturating_sub(self.turns.free())
    }

    /// True where a query is answered and commits hold.
    pub(crate) async fn is_ready(&self) -> bool {
        self.writer.holds().await && self.read(server::ping).await.is_ok()
    }
}
