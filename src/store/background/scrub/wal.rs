//! The size of the write-ahead log, and truncating it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Next;
use crate::store::Db;
use crate::store::db::sqlite::companion;

/// Idle for so long, …
const IDLE: Duration = Duration::from_secs(3);
/// … the server truncates a log above this size.
const SMALL: u64 = 1024 * 1024;
/// Above this size it is truncated under load, too, …
const LARGE: u64 = 32 * 1024 * 1024;
/// … waiting so long for readers, …
const WAIT: Duration = Duration::from_millis(20);
/// … and at most this often.
const RETRY: Duration = Duration::from_secs(1);
/// How long a connection waits for others otherwise.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The approximate size of a page in the log.
const FRAME: u64 = 4_120;
/// A checkpoint copies the log into the database when it has so many pages, …
const MAX_PAGES: u64 = 4_000;
/// … or when it takes this part of the free space, which the database needs, too, …
const PART: u64 = 4;
/// … but not with fewer pages.
const MIN_PAGES: u64 = 32;

pub(crate) struct Wal {
    database: PathBuf,
    path: PathBuf,
    /// Pages after which there is a checkpoint.
    pages: u64,
    bounded_at: Instant,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

impl Wal {
    pub(super) fn of(db: &mut Db, file: &Path) -> Self {
        let (database, path) = (companion(file, ""), companion(file, "-wal"));
        let mut wal = Self { database, path, pages: MAX_PAGES, bounded_at: Instant::now() };
        wal.fit(db);
        wal
    }

    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Truncates a log that is too large for an idle server.
    pub(super) fn shrink(&mut self, db: &mut Db, idle: Duration) -> QueryResult<Next> {
        if self.length() <= SMALL {
            return Ok(Next::Nothing);
        }
        let wait = IDLE.saturating_sub(idle);
        if !wait.is_zero() {
            return Ok(Next::After(wait));
        }
        Ok(if truncate(db, Duration::ZERO)? { Next::Nothing } else { Next::After(RETRY) })
    }

    /// Bounds the log under any load. To be called regularly.
    pub(crate) fn bound(&mut self, db: &mut Db) {
        if self.bounded_at.elapsed() < RETRY {
            return;
        }
        self.bounded_at = Instant::now();
        self.fit(db);
        if self.length() > LARGE.max(2 * self.pages * FRAME)
            && let Err(error) = truncate(db, WAIT)
        {
            log::error!("the write-ahead log cannot be emptied: {error}");
        }
    }

    pub(crate) fn reopened(&mut self, db: &mut Db) {
        self.pages = MAX_PAGES;
        self.fit(db);
    }

    /// After a commit: with little free space the bound is adapted each time; otherwise [`bound`](Self::bound) suffices.
    pub(crate) fn committed(&mut self, db: &mut Db) {
        if self.pages < MAX_PAGES {
            self.fit(db);
        }
    }

    /// Adapts the bound to the free space, which a checkpoint needs again in the database.
    fn fit(&mut self, db: &mut Db) {
        let Ok(disk) = rustix::fs::statvfs(&self.database) else { return };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize).saturating_add(self.length());
        let pages = (free / PART / FRAME).clamp(MIN_PAGES, MAX_PAGES);
        // Only for half or double: not for every message.
        if pages != self.pages && (pages == MAX_PAGES || pages < self.pages / 2 || pages > self.pages * 2) {
            self.pages = pages;
            let size = pages * FRAME;
            let fit = format!("PRAGMA wal_autocheckpoint = {pages}; PRAGMA journal_size_limit = {size};");
            if let Err(error) = db.batch_execute(&fit) {
                log::warn!("the write-ahead log keeps its bound: {error}");
            }
        }
    }
}

/// Copies the log into the database and truncates it, blocking writes; false where readers prevent that for longer than
/// `wait`.
pub(crate) fn truncate(db: &mut Db, wait: Duration) -> QueryResult<bool> {
    db.batch_execute(&format!("PRAGMA busy_timeout = {};", wait.as_millis()))?;
    let done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(db);
    db.batch_execute(&format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis()))?;
    Ok(done?.busy == 0)
}

/// After a failed commit on a full disk: truncates the log to free its space.
pub(crate) fn make_room(db: &mut Db, error: &diesel::result::Error) {
    if !is_full(error) {
        return;
    }
    match truncate(db, Duration::ZERO) {
        Ok(true) => log::warn!("the disk is full: the write-ahead log was emptied"),
        // Tried after each failed commit: the line about the outage suffices.
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
