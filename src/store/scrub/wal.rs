//! The write-ahead log: how large it may be, and emptying it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Db, Next};

/// Idle for so long, …
const IDLE: Duration = Duration::from_secs(3);
/// … the server empties a log above this size.
const SMALL: u64 = 1024 * 1024;
/// Above this size it is emptied under load, too …
const LARGE: u64 = 32 * 1024 * 1024;
/// … with this much patience for readers, …
const PATIENCE: Duration = Duration::from_millis(20);
/// … and tried so often.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a connection otherwise waits for others.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A page in the log, about.
const FRAME: u64 = 4_120;
/// The log is carried over into the database when it has so many pages, …
const MOST: u64 = 4_000;
/// … but not fewer, and else when it takes this part of the space that is left: the database must find room, too.
const LEAST: u64 = 32;
const PART: u64 = 4;

/// The log of a database.
pub(crate) struct Wal {
    database: Option<PathBuf>,
    path: Option<PathBuf>,
    /// Pages after which it is carried over.
    pages: u64,
    tried: Instant,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    file: String,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

impl Wal {
    /// That of this connection; one that never grows where the database is in memory.
    pub(crate) fn of(db: &mut Db) -> Self {
        let place = diesel::sql_query("SELECT file FROM pragma_database_list WHERE name = 'main'");
        let place = place.get_result::<Place>(db).map(|place| place.file).unwrap_or_default();
        let database = (!place.is_empty()).then(|| PathBuf::from(&place));
        let path = database.is_some().then(|| PathBuf::from(place + "-wal"));
        let mut wal = Self { database, path, pages: MOST, tried: Instant::now() };
        wal.fit(db);
        wal
    }

    /// Where the database itself is.
    pub(crate) fn database(&self) -> Option<&Path> {
        self.database.as_deref()
    }

    fn length(&self) -> u64 {
        self.path.as_ref().and_then(|path| fs::metadata(path).ok()).map_or(0, |file| file.len())
    }

    /// Empties a log that is larger than an idle server's should be.
    pub(crate) fn shrink(&mut self, db: &mut Db, quiet: Duration) -> QueryResult<Next> {
        if self.length() <= SMALL {
            return Ok(Next::Nothing);
        }
        let wait = IDLE.saturating_sub(quiet);
        if !wait.is_zero() {
            return Ok(Next::After(wait));
        }
        Ok(if truncate(db, Duration::ZERO)? { Next::Nothing } else { Next::After(AGAIN) })
    }

    /// Keeps the log in bounds whatever the load is. To be called now and then.
    pub(crate) fn bound(&mut self, db: &mut Db) {
        if self.tried.elapsed() < AGAIN {
            return;
        }
        self.tried = Instant::now();
        self.fit(db);
        if self.length() > LARGE.max(2 * self.pages * FRAME)
            && let Err(error) = truncate(db, PATIENCE)
        {
            log::error!("the write-ahead log cannot be emptied: {error}");
        }
    }

    /// Takes over a new connection, which has the bounds that every connection begins with.
    pub(crate) fn reopened(&mut self, db: &mut Db) {
        self.pages = MOST;
        self.fit(db);
    }

    /// After a commit: where little space is left, the bound follows each one; elsewhere [`bound`](Self::bound) is often
    /// enough.
    pub(crate) fn committed(&mut self, db: &mut Db) {
        if self.pages < MOST {
            self.fit(db);
        }
    }

    /// Makes the log as short as the disk is full: what it takes is missing where its content is to go.
    fn fit(&mut self, db: &mut Db) {
        let Some(database) = &self.database else { return };
        let Ok(disk) = rustix::fs::statvfs(database) else { return };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize).saturating_add(self.length());
        let pages = (free / PART / FRAME).clamp(LEAST, MOST);
        // Half or double: not for every message.
        if pages != self.pages && (pages == MOST || pages < self.pages / 2 || pages > self.pages * 2) {
            self.pages = pages;
            let size = pages * FRAME;
            let fit = format!("PRAGMA wal_autocheckpoint = {pages}; PRAGMA journal_size_limit = {size};");
            if let Err(error) = db.batch_execute(&fit) {
                log::warn!("the write-ahead log keeps its bound: {error}");
            }
        }
    }
}

/// Carries everything over into the database and empties the log; false where readers are in the way for longer than
/// `patience`. Nobody can write meanwhile.
pub(crate) fn truncate(db: &mut Db, patience: Duration) -> QueryResult<bool> {
    db.batch_execute(&format!("PRAGMA busy_timeout = {};", patience.as_millis()))?;
    let done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(db);
    db.batch_execute(&format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis()))?;
    Ok(done?.busy == 0)
}

/// After a failed commit: where the disk is full, what the log takes may be what is missing.
pub(crate) fn make_room(db: &mut Db, error: &diesel::result::Error) {
    if !is_full(error) {
        return;
    }
    match truncate(db, Duration::ZERO) {
        Ok(true) => log::warn!("the disk is full: the write-ahead log was emptied"),
        // Tried with each failed commit: the line about the outage says enough.
        Ok(false) => log::debug!("the disk is full: readers keep the write-ahead log from being emptied"),
        Err(error) => log::debug!("the disk is full, and the write-ahead log cannot be emptied: {error}"),
    }
}

/// SQLite rolls a transaction back by itself where the disk is full, so that the rollback after a failed `COMMIT` fails, too.
fn is_full(error: &diesel::result::Error) -> bool {
    use diesel::result::Error::{DatabaseError, RollbackErrorOnCommit};
    match error {
        DatabaseError(_, about) => about.message().contains("disk is full"),
        RollbackErrorOnCommit { commit_error, .. } => is_full(commit_error),
        _ => false,
    }
}
