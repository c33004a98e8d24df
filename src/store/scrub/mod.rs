//! Erasing what was deleted from the files themselves: database, write-ahead log and full-text index.
//!
//! Deleting a row, or replacing its text, blanks its bytes (`secure_delete`), and whoever does it calls [`erased`]. What
//! then still holds the text is removed by a pass in short steps: the words of deleted messages leave the index when its
//! segments are merged; copies that SQLite has left in unused parts of pages are overwritten; and the log, which holds pages
//! as they were, is emptied. A pass begins at most [`BETWEEN`] after the deletion and goes on after a restart.
//!
//! The log is also emptied here when the server is idle, so that it does not keep the size that a flood gave it.

mod pages;
mod rewrite;
mod wal;

use std::time::{Duration, Instant};

use crate::store::limited::Limited;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

pub(super) use wal::{Wal, make_room, truncate};

use self::pages::Pages;
use super::Db;
use super::schema::server;

/// A pass begins so long after the last one, …
const BETWEEN: Duration = Duration::from_secs(10);
/// … or so many times as long as it has worked, if that is more.
const REST: u32 = 15;
/// Where a reader keeps the log from being emptied, it is tried again after so long.
const AGAIN: Duration = Duration::from_millis(250);
/// A step merges about so many pages of the index.
const MERGE: i64 = 8;
/// A step looks at so many pages while nobody waits.
const LOOKS: usize = 128;
/// The same under load.
const SHORT_LOOKS: usize = 16;
/// A pass walks through these tables, in a column each that may be of any length.
const TABLES: [(&str, &str); 4] =
    [("messages", "text"), ("search_data", "block"), ("sessions", "title"), ("users", "display_name")];

/// Content has been deleted or replaced. To be called in the transaction that does it.
pub(super) fn erased(db: &mut Db) -> QueryResult<()> {
    diesel::update(server::table).set(server::erased.eq(server::erased + 1)).execute(db).map(drop)
}

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// At once.
    More,
    /// Not before so much time has gone by.
    After(Duration),
    /// Not before something is written.
    Nothing,
}

enum Stage {
    /// Between passes.
    Rest,
    Merge,
    /// Bringing the file up to date, to look at it.
    Settle,
    Look {
        table: usize,
        above: Option<i64>,
    },
    /// Emptying the log.
    Empty,
}

/// The passes, one after the other. Lives with the writer.
pub(super) struct Scrubber {
    wal: Wal,
    pages: Option<Pages>,
    stage: Stage,
    /// No pass begins before.
    due: Instant,
    /// How long the present pass has worked.
    worked: Duration,
    /// What was erased when it began.
    upto: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Scrubber {
    /// For the database of this connection.
    pub(super) fn new(db: &mut Db) -> Self {
        let wal = Wal::of(db);
        let pages = wal.database().and_then(|path| match Pages::open(path) {
            Ok(pages) => Some(pages),
            Err(error) => {
                log::error!("{}: {error}: remains of deleted content cannot be looked for", path.display());
                None
            }
        });
        Self { wal, pages, stage: Stage::Rest, due: Instant::now(), worked: Duration::ZERO, upto: 0 }
    }

    /// The log.
    pub(super) const fn wal(&mut self) -> &mut Wal {
        &mut self.wal
    }

    /// Does the next bit of a pass, if one is due. `quiet`: for how long nobody has written; zero under load.
    pub(super) fn step(&mut self, db: &mut Db, quiet: Duration) -> QueryResult<Next> {
        let began = Instant::now();
        let looks = if quiet.is_zero() { SHORT_LOOKS } else { LOOKS };
        let next = match self.stage {
            Stage::Rest => return self.begin(db, quiet),
            Stage::Merge => {
                if !rewrite::merge(db, MERGE)? {
                    self.stage = Stage::Settle;
                }
                Next::More
            }
            Stage::Settle => self.empty(db, Stage::Look { table: 0, above: None })?,
            Stage::Look { table, above } => {
                self.stage = self.look(db, table, above, looks)?;
                Next::More
            }
            Stage::Empty => {
                let next = self.empty(db, Stage::Rest)?;
                if matches!(self.stage, Stage::Rest) {
                    self.end(db)?;
                }
                next
            }
        };
        self.worked += began.elapsed();
        Ok(next)
    }

    fn begin(&mut self, db: &mut Db, quiet: Duration) -> QueryResult<Next> {
        let (erased, scrubbed): (i64, i64) = server::table.select((server::erased, server::scrubbed)).one(db)?;
        if erased <= scrubbed {
            return self.wal.shrink(db, quiet);
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
        self.due = Instant::now() + BETWEEN.max(self.worked * REST);
        log::debug!("what was deleted is erased: {} ms of work", self.worked.as_millis());
        Ok(())
    }

    /// Goes on to `then` with an empty log.
    fn empty(&mut self, db: &mut Db, then: Stage) -> QueryResult<Next> {
        if !truncate(db, Duration::ZERO)? {
            return Ok(Next::After(AGAIN));
        }
        self.stage = then;
        Ok(Next::More)
    }

    fn look(&self, db: &mut Db, table: usize, mut above: Option<i64>, looks: usize) -> QueryResult<Stage> {
        let (Some(pages), Some((name, column))) = (&self.pages, TABLES.get(table)) else { return Ok(Stage::Empty) };
        let next = Stage::Look { table: table + 1, above: None };
        let Some(root) = root(db, name)? else { return Ok(next) };
        let mut stained = Vec::new();
        let mut last = false;
        for _ in 0..looks {
            let leaf = match pages.leaf(root, above) {
                Ok(Some(leaf)) => leaf,
                Ok(None) => {
                    last = true;
                    break;
                }
                Err(error) => {
                    log::error!("remains of deleted content cannot be looked for in {name}: {error}");
                    last = true;
                    break;
                }
            };
            stained.extend(leaf.stained);
            let Some(end) = leaf.end else {
                last = true;
                break;
            };
            above = Some(end);
        }
        rewrite::blank(db, pages, (name, column), &stained)?;
        Ok(if last { next } else { Stage::Look { table, above } })
    }
}

/// The first page of a table.
fn root(db: &mut Db, table: &str) -> QueryResult<Option<u32>> {
    let ask = "SELECT rootpage AS n FROM sqlite_master WHERE type = 'table' AND name = $1";
    let found: Option<Found> =
        diesel::sql_query(ask).bind::<diesel::sql_types::Text, _>(table).get_result(db).optional()?;
    Ok(found.and_then(|found| u32::try_from(found.n).ok()))
}
