//! Erases deleted content from the files: database, write-ahead log and full-text index. Deleting a row, or replacing its text, blanks its bytes (`secure_delete`); the transaction that does so calls [`erased`].
//! Other copies of the text are removed by a pass in short steps: the words of deleted messages leave the index when its
//! segments are merged; copies that SQLite has left in unused parts of pages are overwritten; and the log, which has old
//! versions of pages, is truncated. A pass begins at most [`INTERVAL`] after the deletion and continues after a restart.
//!
//! An idle server also truncates the log here, so that it does not keep the size of a burst.

mod pages;
mod rewrite;
mod wal;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::store::db::Number;
use crate::store::db::prelude::*;
use crate::store::db::schema::server;

use self::pages::Pages;
use self::wal::Wal;
pub(crate) use self::wal::{make_room, truncate};

/// A pass begins so long after the last one, …
const INTERVAL: Duration = Duration::from_secs(10);
/// … or so many times as long as that one has worked, if that is more.
const REST: u32 = 15;
/// Where a reader keeps the log from being truncated, it is tried again after so long.
const RETRY: Duration = Duration::from_millis(250);
/// A step merges about so many pages of the index.
const MERGE: i64 = 8;
/// Pages that an idle step inspects.
const PAGES: usize = 128;
/// The same under load.
const SHORT_PAGES: usize = 16;
/// The tables that a pass inspects, with the column that may be of any length.
const TABLES: [(&str, &str); 4] =
    [("messages", "text"), ("search_data", "block"), ("sessions", "title"), ("users", "display_name")];

/// Records that content was deleted or replaced. To be called in that transaction. PostgreSQL itself erases it, with `VACUUM`.
pub(crate) fn erased(db: &mut Db) -> QueryResult<()> {
    if db.is_postgres() {
        return Ok(());
    }
    diesel::update(server::table).set(server::erased.eq(server::erased + 1)).execute(db).map(drop)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    More,
    After(Duration),
    /// After the next commit.
    Nothing,
}

enum Stage {
    Idle,
    Merge,
    /// Copying the log into the file, which is then inspected.
    Checkpoint,
    Inspect {
        table: usize,
        above: Option<i64>,
    },
    Truncate,
}

/// Runs the passes, on the writer's thread.
pub(super) struct Scrubber {
    pub(super) wal: Wal,
    pages: Option<Pages>,
    stage: Stage,
    /// The next pass begins no earlier.
    due: Instant,
    worked: Duration,
    /// `server.erased` when it began.
    upto: i64,
}

impl Scrubber {
    pub(super) fn new(db: &mut Db, file: &Path) -> Self {
        let wal = Wal::of(db, file);
        let pages = Pages::open(wal.database()).inspect_err(|error| {
            let path = wal.database().display();
            log::error!("{path}: {error}: remains of deleted content cannot be looked for");
        });
        Self { wal, pages: pages.ok(), stage: Stage::Idle, due: Instant::now(), worked: Duration::ZERO, upto: 0 }
    }

    /// Runs the next step of a pass, if one is due. `idle`: the time since the last commit; zero under load.
    pub(super) fn step(&mut self, db: &mut Db, idle: Duration) -> QueryResult<Next> {
        let began = Instant::now();
        let count = if idle.is_zero() { SHORT_PAGES } else { PAGES };
        let next = match self.stage {
            Stage::Idle => return self.begin(db, idle),
            Stage::Merge => {
                if !rewrite::merge(db, MERGE)? {
                    self.stage = Stage::Checkpoint;
                }
                Next::More
            }
            Stage::Checkpoint => self.truncate(db, Stage::Inspect { table: 0, above: None })?,
            Stage::Inspect { table, above } => {
                self.stage = self.inspect(db, table, above, count)?;
                Next::More
            }
            Stage::Truncate => {
                let next = self.truncate(db, Stage::Idle)?;
                if matches!(self.stage, Stage::Idle) {
                    self.end(db)?;
                }
                next
            }
        };
        self.worked += began.elapsed();
        Ok(next)
    }

    fn begin(&mut self, db: &mut Db, idle: Duration) -> QueryResult<Next> {
        let (erased, scrubbed): (i64, i64) = server::table.select((server::erased, server::scrubbed)).one(db)?;
        if erased <= scrubbed {
            return self.wal.shrink(db, idle);
        }
        let wait = self.due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            return Ok(Next::After(wait));
        }
        (self.stage, self.upto, self.worked) = (Stage::Merge, erased, Duration::ZERO);
        Ok(Next::More)
    }

    fn end(&mut self, db: &mut Db) -> QueryResult<()> {
        diesel::update(server::table).set(server::scrubbed.eq(self.upto)).execute(db)?;
        self.due = Instant::now() + INTERVAL.max(self.worked * REST);
        log::debug!("what was deleted is erased: {} ms of work", self.worked.as_millis());
        Ok(())
    }

    fn truncate(&mut self, db: &mut Db, then: Stage) -> QueryResult<Next> {
        if !truncate(db, Duration::ZERO)? {
            return Ok(Next::After(RETRY));
        }
        self.stage = then;
        Ok(Next::More)
    }

    fn inspect(&self, db: &mut Db, table: usize, mut above: Option<i64>, count: usize) -> QueryResult<Stage> {
        let (Some(pages), Some((name, column))) = (&self.pages, TABLES.get(table)) else { return Ok(Stage::Truncate) };
        let next = Stage::Inspect { table: table + 1, above: None };
        let Some(root) = root(db, name)? else { return Ok(next) };
        let mut stained = Vec::new();
        for _ in 0..count {
            let leaf = pages.leaf(root, above).unwrap_or_else(|error| {
                log::error!("remains of deleted content cannot be looked for in {name}: {error}");
                None
            });
            above = leaf.and_then(|leaf| {
                stained.extend(leaf.stained);
                leaf.end
            });
            if above.is_none() {
                break;
            }
        }
        rewrite::blank(db, pages, (name, column), &stained)?;
        Ok(if above.is_none() { next } else { Stage::Inspect { table, above } })
    }
}

fn root(db: &mut Db, table: &str) -> QueryResult<Option<u32>> {
    let query = "SELECT rootpage AS n FROM sqlite_master WHERE type = 'table' AND name = $1";
    let found: Option<Number> =
        diesel::sql_query(query).bind::<diesel::sql_types::Text, _>(table).get_result(db).optional()?;
    Ok(found.and_then(|found| u32::try_from(found.n).ok()))
}
