//! What the writer does when nobody waits for it: filling the index for searching, deleting what is left of sessions that
//! are gone, erasing what was deleted from the files, and keeping the write-ahead log short. All are made of short steps,
//! and go on after a restart where they stood.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::scrub::{Next, Scrubber};
use super::{Db, purge, search};

/// How long after a commit the writer looks for chores, and how often under load.
const PAUSE: Duration = Duration::from_millis(50);
/// Nobody has come for so long: chores may be done until somebody does.
const QUIET: Duration = Duration::from_millis(5);
/// Under unbroken load chores that have waited so long …
const PATIENCE: Duration = Duration::from_millis(900);
/// … are done for so long at a time …
const SLICE: Duration = Duration::from_millis(1);
/// … and then rest for so many times as long.
const REST: u32 = 19;
/// Messages that a step takes into the index while nobody waits.
const STEP: i64 = 256;
/// The same under load, where everybody waits for the step: well below a millisecond of work.
const SHORT_STEP: i64 = 32;
/// After a failure, chores are tried again so much later, or at the next commit.
const FAILED: Duration = Duration::from_secs(5);

/// When chores are done. Lives with the writer, which tells of its commits; a bell on a thread of its own brings it back,
/// since a thread that waits for orders has no clock.
pub(super) struct Chores {
    bell: Sender<Duration>,
    /// The bell will ring soon.
    rung: bool,
    last_commit: Instant,
    /// Since when something has been left to do.
    since: Option<Instant>,
    /// Under load, not before.
    rests_until: Instant,
    scrubber: Scrubber,
}

impl Chores {
    /// Chores for the database of this connection; the bell calls `ring` when it was asked to, until that says false.
    pub(super) fn start(db: &mut Db, ring: impl Fn() -> bool + Send + 'static) -> std::io::Result<Self> {
        let (bell, wishes) = channel();
        std::thread::Builder::new().name("bell".to_owned()).spawn(move || while next(&wishes) && ring() {})?;
        let now = Instant::now();
        let scrubber = Scrubber::new(db);
        let mut chores = Self { bell, rung: false, last_commit: now, since: None, rests_until: now, scrubber };
        // What an earlier run left.
        chores.committed(db);
        Ok(chores)
    }

    /// Something was written: there may be more to do.
    pub(super) fn committed(&mut self, db: &mut Db) {
        self.scrubber.wal().committed(db);
        let now = Instant::now();
        self.last_commit = now;
        self.since.get_or_insert(now);
        self.ask();
    }

    /// The writer has opened the database again.
    pub(super) fn reopened(&mut self, db: &mut Db) {
        self.scrubber.wal().reopened(db);
    }

    /// Asks the bell to ring once more.
    pub(super) fn ask(&mut self) {
        if !self.rung {
            self.rung = self.bell.send(PAUSE).is_ok();
        }
    }

    /// The bell rang.
    pub(super) const fn rung(&mut self) {
        self.rung = false;
    }

    /// Does chores until somebody comes, which `comes` tells.
    ///
    /// # Errors
    /// Those of the database; chores are tried again later.
    pub(super) fn rang(&mut self, db: &mut Db, comes: impl Fn() -> bool) -> Result<(), diesel::result::Error> {
        let began = Instant::now();
        let since = *self.since.get_or_insert(began);
        let is_quiet = !comes() && self.last_commit.elapsed() >= QUIET;
        if !is_quiet && (since.elapsed() < PATIENCE || began < self.rests_until) {
            self.ask();
            return Ok(());
        }
        self.scrubber.wal().bound(db);
        loop {
            match self.step(db, is_quiet) {
                Ok(Next::More) => {}
                Ok(next) => {
                    self.since = None;
                    if let Next::After(wait) = next {
                        let _ = self.bell.send(wait);
                    }
                    return Ok(());
                }
                Err(error) => {
                    self.since = None;
                    let _ = self.bell.send(FAILED);
                    return Err(error);
                }
            }
            if if is_quiet { comes() } else { began.elapsed() >= SLICE } {
                break;
            }
        }
        // Measured, not planned: a step takes as long as disk and texts make it.
        self.rests_until = Instant::now() + began.elapsed() * REST;
        self.ask();
        Ok(())
    }

    /// A short piece of each chore.
    fn step(&mut self, db: &mut Db, is_quiet: bool) -> Result<Next, diesel::result::Error> {
        let (most, quiet) = if is_quiet { (STEP, self.last_commit.elapsed()) } else { (SHORT_STEP, Duration::ZERO) };
        let more = step(db, most)?;
        let next = self.scrubber.step(db, quiet)?;
        Ok(if more { Next::More } else { next })
    }
}

/// Waits until the first wish is due; false where nobody can have any more.
fn next(wishes: &Receiver<Duration>) -> bool {
    let Ok(wish) = wishes.recv() else { return false };
    let mut due = Instant::now() + wish;
    while let Ok(wish) = wishes.recv_timeout(due.saturating_duration_since(Instant::now())) {
        due = due.min(Instant::now() + wish);
    }
    true
}

/// One short piece of work, of at most so many messages; true where more may be left.
pub(super) fn step(db: &mut Db, most: i64) -> Result<bool, diesel::result::Error> {
    // Asked apart, so that doing nothing takes no lock and writes nothing.
    let indexed = search::behind(db)? > 0 && db.immediate_transaction(|db| search::step(db, most))?;
    let purged = db.immediate_transaction(purge::step)?;
    Ok(indexed || purged)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    use diesel_migrations::MigrationHarness;

    use super::*;
    use crate::domain::SessionId;

    /// A user and the sessions 1 and 2, each with `messages` messages; every tenth is a notice.
    fn told(messages: i64) -> Db {
        let mut db = Db::establish(":memory:").unwrap();
        db.run_pending_migrations(super::super::db::MIGRATIONS).unwrap();
        db.batch_execute(&format!(
            "INSERT INTO server (id, epoch, created_at) VALUES (1, 'x', 0);
             INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at)
                 VALUES (1, 'avi', 'avi', 'Avi', 0, 0, 0);
             INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) VALUES (1, 2, 0, 0, 0, 0), (2, 1, 0, 0, 0, 0);
             INSERT INTO members SELECT id, 1, 2, 1, 0, 0, 0, 0 FROM sessions;
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {messages})
                 INSERT INTO messages (session_id, seq, rev, posted_rev, sender_id, kind, text, at)
                 SELECT s.id, n, n, n, 1, n % 10 = 0, 'Word' || n || ' everywhere', 0 FROM n, sessions s;
             INSERT INTO reactions SELECT session_id, seq, 'x', 1, 0 FROM messages;"
        ))
        .unwrap();
        db
    }

    fn count(db: &mut Db, what: &str) -> i64 {
        diesel::select(diesel::dsl::sql::<BigInt>(&format!("(SELECT count(*) FROM {what})"))).get_result(db).unwrap()
    }

    fn found(db: &mut Db, words: &str) -> i64 {
        count(db, &format!("search WHERE search MATCH '{words}'"))
    }

    #[test]
    fn the_index_follows_in_short_steps() {
        let mut db = told(1_000);
        let mut steps = 0;
        while step(&mut db, STEP).unwrap() {
            steps += 1;
        }
        assert!(steps > 4, "{steps} steps");
        assert_eq!(search::behind(&mut db), Ok(0));
        assert_eq!(found(&mut db, "everywhere"), 1_800);
        let here = format!("\"§{}\" AND \"word7\"", SessionId(2));
        assert_eq!(found(&mut db, &here), 1);
    }

    #[test]
    fn what_is_amended_ahead_of_the_index_is_taken_up_as_it_then_stands() {
        let mut db = told(20);
        search::renew(&mut db, 1, SessionId(1), "early").unwrap();
        assert_eq!(found(&mut db, "early"), 0);
        diesel::sql_query("UPDATE messages SET text = 'early' WHERE id = 1").execute(&mut db).unwrap();
        diesel::sql_query("UPDATE messages SET text = '', deleted = TRUE WHERE id = 2").execute(&mut db).unwrap();
        search::forget(&mut db, 2).unwrap();
        while step(&mut db, STEP).unwrap() {}
        assert_eq!(found(&mut db, "early"), 1);
        assert_eq!(found(&mut db, "everywhere"), 34);
    }

    #[test]
    fn what_is_amended_behind_it_changes_at_once() {
        let mut db = told(20);
        while step(&mut db, STEP).unwrap() {}
        for text in ["later", "much later"] {
            search::renew(&mut db, 1, SessionId(1), text).unwrap();
        }
        search::forget(&mut db, 3).unwrap();
        search::forget(&mut db, 3).unwrap();
        assert_eq!(found(&mut db, "word1"), 1, "the other session's");
        assert_eq!((found(&mut db, "later"), found(&mut db, "much"), found(&mut db, "everywhere")), (1, 1, 34));
    }

    #[test]
    fn a_session_that_is_gone_goes_bit_by_bit_and_the_others_stay() {
        let mut db = told(1_200);
        while step(&mut db, STEP).unwrap() {}
        diesel::sql_query("UPDATE sessions SET kind = 4 WHERE id = 1").execute(&mut db).unwrap();
        let mut steps = 0;
        while step(&mut db, STEP).unwrap() {
            steps += 1;
        }
        assert!(steps >= 6, "{steps} steps");
        for (table, left) in [("messages", 1_200), ("reactions", 1_200), ("members", 1), ("sessions", 1)] {
            assert_eq!(count(&mut db, table), left, "{table}");
        }
        assert_eq!(found(&mut db, "everywhere"), 1_080);
        assert_eq!(count(&mut db, "search"), 1_080);
    }
}
