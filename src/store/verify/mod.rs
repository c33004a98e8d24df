//! Whether a database keeps what is promised of it: read row by row, and every fault said with its ids.
//!
//! What belongs together is read in one snapshot, and each snapshot is short: as long as one is read, the write-ahead log of
//! a running server grows.
//!
//! [`mod@file`] looks at what SQLite itself promises and at the schema, [`sessions`] at who is where, [`messages`] at the order
//! of each session, [`others`] at what hangs on messages, [`stays`] at guests who end when missed, [`values`] at columns of
//! a fixed set. They read those columns as numbers, so that an unknown value is one more fault and not the end of the check.

mod file;
mod messages;
mod others;
mod session_row;
mod sessions;
mod stays;
mod values;

use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::columns::{Numbered, Stored};
use super::schema::{messages as messages_table, sessions as sessions_table, users};
use super::{Db, Location, StartError, db, server};

/// What was looked at, and how much of it was wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Everything that is wrong.
    pub faults: u64,
    /// Users, those who are gone too.
    pub users: i64,
    /// Sessions.
    pub sessions: i64,
    /// Messages, tombstones and notices too.
    pub messages: i64,
}

/// Takes what is wrong, a line each.
pub(crate) struct Faults<'a> {
    say: &'a mut dyn FnMut(&str),
    count: u64,
    /// Since when there was no pause.
    since: Instant,
}

/// After so much reading …
const WORK: Duration = Duration::from_millis(200);
/// … nothing is read for so long, in which a running server can empty its write-ahead log.
const PAUSE: Duration = Duration::from_millis(30);

impl Faults<'_> {
    /// Between two snapshots: pauses if it is time to.
    fn pause(&mut self) {
        if self.since.elapsed() > WORK {
            std::thread::sleep(PAUSE);
            self.since = Instant::now();
        }
    }

    fn add(&mut self, line: impl AsRef<str>) {
        self.count += 1;
        (self.say)(line.as_ref());
    }

    /// Adds a line where the value of `column` is not in the set `T`.
    fn unless_known<T: Numbered>(&mut self, value: Stored, column: &str, row: impl FnOnce() -> String) {
        if value.known::<T>().is_none() {
            self.add(format!("{}: {column} has the unknown value {value}", row()));
        }
    }

    /// Adds the line where something does not hold.
    fn unless(&mut self, holds: bool, line: impl FnOnce() -> String) {
        if !holds {
            self.add(line());
        }
    }
}

/// Checks the database at `location`, whether it is served or not; changes nothing.
///
/// # Errors
/// Where there is none that can be looked at.
pub(crate) fn verify(location: &Location, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    let is_served = db::is_served(location);
    check(&mut db::reading(location)?, is_served, say)
}

/// The same with the database for oneself; gives it a new epoch if it is in order.
///
/// # Errors
/// Also where it is served.
pub(crate) fn verify_and_renew(location: &Location, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    // Before the lock, which would leave a file beside what is no database.
    drop(db::reading(location)?);
    let _guard = db::lock(location)?;
    let found = check(&mut db::reading(location)?, false, say)?;
    if found.faults == 0 {
        server::renew_epoch(&mut db::beside(location)?)?;
    }
    Ok(found)
}

fn check(db: &mut Db, served: bool, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    let mut faults = Faults { say, count: 0, since: Instant::now() };
    let pattern = file::pattern()?;
    // One part that cannot be read does not keep the others from being looked at.
    if let Err(error) = file::schema(db, &pattern, &mut faults) {
        faults.add(format!("the schema cannot be read: {error}"));
    }
    let parts: [(&str, Part); 7] = [
        ("the file", if served { file::tables } else { file::integrity }),
        ("what points at other rows", file::references),
        ("sessions", sessions::check),
        ("columns with a fixed set of values", values::check),
        ("what hangs on messages", others::check),
        ("guests who end when missed", stays::check),
        ("the counts", others::counts),
    ];
    for (name, part) in parts {
        if let Err(error) = part(db, &mut faults) {
            faults.add(format!("{name} cannot be checked to the end: {error}"));
        }
        faults.pause();
    }
    Ok(Found {
        faults: faults.count,
        users: users::table.count().get_result(db).unwrap_or_default(),
        sessions: sessions_table::table.count().get_result(db).unwrap_or_default(),
        messages: messages_table::table.count().get_result(db).unwrap_or_default(),
    })
}

type Part = fn(&mut Db, &mut Faults) -> QueryResult<()>;
