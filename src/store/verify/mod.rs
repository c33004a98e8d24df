//! Consistency checks of a whole database: every fault is reported with the ids of its rows. Related rows are read in one
//! snapshot, and each snapshot is short: while one is open, the write-ahead log of a running server grows. Columns with a fixed
//! set of values are read as numbers, so that an unknown value is one more fault and not the end of the check.

mod dependents;
mod file;
mod messages;
mod postgres;
mod sessions;
mod transient_guests;
mod values;

use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::domain::{SessionId, Time, UserId};
use crate::store::db::columns::{Numbered, Stored};
use crate::store::db::schema::{messages as messages_table, sessions as sessions_table, users};
use crate::store::tables::server;
use crate::store::{Db, Location, StartError, db};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions_table)]
struct SessionRow {
    id: SessionId,
    kind: Stored,
    pair_low: Option<UserId>,
    pair_high: Option<UserId>,
    seq: i64,
    rev: i64,
    /// When the newest message was posted, or the session made.
    last_at: Time,
    code: Option<String>,
    keep: bool,
}

impl SessionRow {
    fn name(&self) -> String {
        format!("session {}", self.id)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct VerifyReport {
    pub faults: u64,
    /// Deleted ones too.
    pub users: i64,
    pub sessions: i64,
    /// Tombstones and notices too.
    pub messages: i64,
}

pub(crate) struct Faults<'a> {
    report: &'a mut dyn FnMut(&str),
    count: u64,
    paused_at: Instant,
}

/// After so much reading …
const WORK: Duration = Duration::from_millis(200);
/// … there is a pause, in which a running server can truncate its write-ahead log.
const PAUSE: Duration = Duration::from_millis(30);

impl Faults<'_> {
    /// To be called between two snapshots.
    fn pause(&mut self) {
        if self.paused_at.elapsed() > WORK {
            std::thread::sleep(PAUSE);
            self.paused_at = Instant::now();
        }
    }

    fn add(&mut self, line: impl AsRef<str>) {
        self.count += 1;
        (self.report)(line.as_ref());
    }

    /// Adds a line where the value of `column` is not in the set `T`.
    fn unless_known<T: Numbered>(&mut self, value: Stored, column: &str, row: impl FnOnce() -> String) {
        if value.known::<T>().is_none() {
            self.add(format!("{}: {column} has the unknown value {value}", row()));
        }
    }

    fn unless(&mut self, holds: bool, line: impl FnOnce() -> String) {
        if !holds {
            self.add(line());
        }
    }
}

/// Checks the database at `location`, whether it is served or not. With `new_epoch` it must not be served, and gets a new epoch
/// if it has no faults.
pub(crate) fn verify(
    location: &Location,
    new_epoch: bool,
    report: &mut dyn FnMut(&str),
) -> Result<VerifyReport, StartError> {
    if !new_epoch {
        let is_served = db::is_served(location)?;
        return check(location, is_served, report);
    }
    // Before the lock, which would leave a file beside one that is not a database.
    drop(db::open_read_only(location)?);
    let _guard = db::lock(location)?;
    let found = check(location, false, report)?;
    if found.faults == 0 {
        server::renew_epoch(&mut db::open_shared(location)?)?;
    }
    Ok(found)
}

fn check(location: &Location, served: bool, report: &mut dyn FnMut(&str)) -> Result<VerifyReport, StartError> {
    let db = &mut db::open_read_only(location)?;
    let mut faults = Faults { report, count: 0, paused_at: Instant::now() };
    let schema = match location {
        Location::Sqlite(_) => file::schema(db, &mut faults),
        Location::Postgres(url) => postgres::schema(url, db, &mut faults),
    };
    // A part that cannot be read does not prevent the others.
    if let Err(error) = schema {
        faults.add(format!("the schema cannot be read: {error}"));
    }
    let (file, references): (Option<Part>, Part) = match location {
        Location::Sqlite(_) if served => (Some(file::tables), file::references),
        Location::Sqlite(_) => (Some(file::integrity), file::references),
        Location::Postgres(_) => (None, postgres::references),
    };
    let file = file.map(|part| ("the file", part));
    let parts: [(&str, Part); 6] = [
        ("what points at other rows", references),
        ("sessions", sessions::check),
        ("columns with a fixed set of values", values::check),
        ("what hangs on messages", dependents::check),
        ("guests who end when missed", transient_guests::check),
        ("the counts", dependents::counts),
    ];
    for (name, part) in file.into_iter().chain(parts) {
        if let Err(error) = part(db, &mut faults) {
            faults.add(format!("{name} cannot be checked to the end: {error}"));
        }
        faults.pause();
    }
    Ok(VerifyReport {
        faults: faults.count,
        users: users::table.count().get_result(db).unwrap_or_default(),
        sessions: sessions_table::table.count().get_result(db).unwrap_or_default(),
        messages: messages_table::table.count().get_result(db).unwrap_or_default(),
    })
}

type Part = fn(&mut Db, &mut Faults) -> QueryResult<()>;
