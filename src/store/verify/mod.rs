//! Whether a database keeps what is promised of it: read in one snapshot, row by row, and every fault said with its ids.
//!
//! [`file`] looks at what SQLite itself promises and at the schema, [`sessions`] at who is where, [`messages`] at the order
//! of each session, [`others`] at what hangs on messages, [`stays`] at guests who are here for a room.

mod file;
mod messages;
mod others;
mod sessions;
mod stays;

use diesel::prelude::*;

use super::schema::{messages as messages_table, sessions as sessions_table, users};
use super::{Db, Location, StartError, db, server};

/// What was looked at, and how much of it was wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
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
pub struct Faults<'a> {
    say: &'a mut dyn FnMut(&str),
    count: u64,
}

impl Faults<'_> {
    fn add(&mut self, line: impl AsRef<str>) {
        self.count += 1;
        (self.say)(line.as_ref());
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
pub fn verify(location: &Location, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    check(&mut db::reading(location)?, say)
}

/// The same with the database for oneself; gives it a new epoch if it is in order.
///
/// # Errors
/// Also where it is served.
pub fn verify_and_renew(location: &Location, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    // Before the lock, which would leave a file beside what is no database.
    drop(db::reading(location)?);
    let _guard = db::lock(location)?;
    let found = verify(location, say)?;
    if found.faults == 0 {
        server::renew_epoch(&mut db::beside(location)?)?;
    }
    Ok(found)
}

fn check(db: &mut Db, say: &mut dyn FnMut(&str)) -> Result<Found, StartError> {
    let mut faults = Faults { say, count: 0 };
    let pattern = file::pattern()?;
    let found = db.transaction::<_, diesel::result::Error, _>(|db| {
        // One part that cannot be read does not keep the others from being looked at.
        if let Err(error) = file::schema(db, &pattern, &mut faults) {
            faults.add(format!("the schema cannot be read: {error}"));
        }
        let parts: [(&str, Part); 5] = [
            ("the file", file::integrity),
            ("sessions", sessions::check),
            ("what hangs on messages", others::check),
            ("guests of rooms", stays::check),
            ("the counts", others::counts),
        ];
        for (name, part) in parts {
            if let Err(error) = part(db, &mut faults) {
                faults.add(format!("{name} cannot be checked to the end: {error}"));
            }
        }
        Ok(Found {
            faults: 0,
            users: users::table.count().get_result(db).unwrap_or_default(),
            sessions: sessions_table::table.count().get_result(db).unwrap_or_default(),
            messages: messages_table::table.count().get_result(db).unwrap_or_default(),
        })
    });
    // A damaged file may not even let go of its snapshot.
    let found = found.unwrap_or_else(|error| {
        faults.add(format!("the database cannot be read to the end: {error}"));
        Found::default()
    });
    Ok(Found { faults: faults.count, ..found })
}

type Part = fn(&mut Db, &mut Faults) -> QueryResult<()>;
