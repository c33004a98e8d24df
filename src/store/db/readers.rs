//! The pool of reading connections.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use r2d2::{Pool, PooledConnection};

use super::location::reader;
use super::read_scheduler::ReadScheduler;
use super::{Db, Location};
use crate::domain::{Refusal, UserId};
use crate::metrics;
use crate::store::{Error, SLOW, StartError, is_outage};

/// Idle reading connections are closed after this time, down to one.
const IDLE: Duration = Duration::from_secs(20);
/// How long a read waits for a connection; where the database is out of reach it is refused after that.
const CONNECT: Duration = Duration::from_secs(4);

#[derive(Clone)]
pub(crate) struct Readers {
    pool: Pool<Manager>,
    scheduler: ReadScheduler,
}

impl Readers {
    /// At most `count` connections (at least one).
    pub(crate) fn new(location: &Location, count: u32) -> Result<Self, StartError> {
        let pool = Pool::builder()
            .max_size(count.max(1))
            .min_idle(Some(1))
            // Each has a page cache, which only closing it gives back.
            .idle_timeout(Some(IDLE))
            .test_on_check_out(false)
            .connection_timeout(CONNECT)
            .build(Manager(location.clone()))
            .map_err(|error| StartError::Open(error.to_string()))?;
        Ok(Self { pool, scheduler: ReadScheduler::new(usize::try_from(count).unwrap_or(1)) })
    }

    /// Runs a query in one snapshot: a short one, or a long one of this user.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        user: Option<UserId>,
        query: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permit = match user {
            Some(user) => self.scheduler.long(user).await,
            None => self.scheduler.short().await,
        };
        let permit = permit.map_err(|_| Refusal::Unavailable)?;
        // The permit is held by the thread, not by this future: a cancelled caller does not make room for a second query
        // while the first still runs.
        let pool = self.pool.clone();
        let work = move || {
            let _permit = permit;
            let began = Instant::now();
            let mut db = begin(&pool)?;
            let result = db.end_transaction(query).map_err(Error::into_refusal);
            let took = began.elapsed();
            metrics::READ_TIME.observe_time(took);
            if took > SLOW {
                log::warn!("a read took {} ms", took.as_millis());
            }
            result
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            log::error!("a read ended badly: {error}");
            Err(Refusal::Internal)
        })
    }

    pub(crate) fn running(&self) -> usize {
        usize::try_from(self.pool.max_size()).unwrap_or_default().saturating_sub(self.scheduler.free())
    }
}

/// A connection in a new transaction. Idle connections that the database has closed are replaced.
fn begin(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, Refusal> {
    for _ in 0..=pool.max_size() {
        let mut db = pool.get().map_err(|error| {
            log::warn!("no connection for reading: {error}");
            Refusal::Unavailable
        })?;
        match db.begin() {
            Ok(()) => return Ok(db),
            Err(error) if is_outage(&error) => db.discard(),
            Err(error) => return Err(Error::from(error).into_refusal()),
        }
    }
    Err(Refusal::Unavailable)
}

/// Opens reading connections.
#[derive(Debug)]
struct Manager(Location);

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        reader(&self.0)
            .map_err(|error| diesel::r2d2::Error::ConnectionError(ConnectionError::BadConnection(error.to_string())))
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A query that panicked leaves a transaction open, in whose old snapshot all later ones would read.
        std::thread::panicking() || db.is_broken()
    }
}
