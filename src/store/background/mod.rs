//! Tasks that the writer runs while its queue is empty: indexing messages for search, purging deleted sessions, erasing
//! deleted content from the files, and bounding the write-ahead log. All work in short steps and continue after a restart.

mod purge;
pub(super) mod scrub;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use self::purge::Purge;
use self::scrub::{Next, Scrubber};
use crate::store::db::Location;
use crate::store::{Db, search};

/// The tasks are woken so long after a commit, and so often under load.
const PAUSE: Duration = Duration::from_millis(50);
/// Without a commit for so long the writer is idle: tasks run until there is a request.
const IDLE: Duration = Duration::from_millis(5);
/// Under unbroken load, tasks that have been pending for so long …
const MAX_DELAY: Duration = Duration::from_millis(900);
/// … run for so long at a time …
const SLICE: Duration = Duration::from_millis(1);
/// … and then rest for so many times as long.
const REST: u32 = 19;
/// Messages that an idle step indexes.
const STEP: i64 = 256;
/// The same under load, where requests wait for the step: well below a millisecond of work.
const SHORT_STEP: i64 = 32;
/// After a failure, tasks are tried again so much later, or after the next commit.
const RETRY: Duration = Duration::from_secs(5);

/// Decides when tasks run. Owned by the writer's thread, which blocks on its queue; a timer on a thread of its own wakes it
/// through that queue.
pub(super) struct BackgroundTasks {
    timer: Sender<Duration>,
    is_scheduled: bool,
    last_commit: Instant,
    pending_since: Option<Instant>,
    /// Under load, tasks do not run before.
    rests_until: Instant,
    purge: Purge,
    horizon: search::Horizon,
    /// SQLite only: PostgreSQL maintains its files itself.
    scrubber: Option<Scrubber>,
}

impl BackgroundTasks {
    /// Starts the timer; it calls `wake` when it is due, until that returns false.
    pub(super) fn start(
        db: &mut Db,
        location: &Location,
        wake: impl Fn() -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let (timer, delays) = channel();
        std::thread::Builder::new().name("timer".to_owned()).spawn(move || while wait(&delays) && wake() {})?;
        let now = Instant::now();
        let scrubber = match location {
            Location::Sqlite(file) => Some(Scrubber::new(db, file)),
            Location::Postgres(_) => None,
        };
        let mut tasks = Self {
            timer,
            is_scheduled: false,
            last_commit: now,
            pending_since: None,
            rests_until: now,
            purge: Purge::new(),
            horizon: search::Horizon::default(),
            scrubber,
        };
        // Work that an earlier process has left.
        tasks.committed(db);
        Ok(tasks)
    }

    /// After a commit: there may be more work.
    pub(super) fn committed(&mut self, db: &mut Db) {
        if let Some(scrubber) = &mut self.scrubber {
            scrubber.wal.committed(db);
        }
        let now = Instant::now();
        self.last_commit = now;
        self.pending_since.get_or_insert(now);
        self.schedule();
    }

    pub(super) fn reopened(&mut self, db: &mut Db) {
        if let Some(scrubber) = &mut self.scrubber {
            scrubber.wal.reopened(db);
        }
    }

    /// Has the timer wake the writer once more.
    pub(super) fn schedule(&mut self) {
        if !self.is_scheduled {
            self.is_scheduled = self.timer.send(PAUSE).is_ok();
        }
    }

    pub(super) const fn woken(&mut self) {
        self.is_scheduled = false;
    }

    /// Runs tasks until `is_requested`.
    pub(super) fn run(&mut self, db: &mut Db, is_requested: impl Fn() -> bool) -> QueryResult<()> {
        let began = Instant::now();
        let since = *self.pending_since.get_or_insert(began);
        let is_idle = !is_requested() && self.last_commit.elapsed() >= IDLE;
        if !is_idle && (since.elapsed() < MAX_DELAY || began < self.rests_until) {
            self.schedule();
            return Ok(());
        }
        if let Some(scrubber) = &mut self.scrubber {
            scrubber.wal.bound(db);
        }
        loop {
            match self.step(db, is_idle) {
                Ok(Next::More) => {}
                Ok(next) => {
                    self.pending_since = None;
                    if let Next::After(delay) = next {
                        let _ = self.timer.send(delay);
                    }
                    return Ok(());
                }
                Err(error) => {
                    self.pending_since = None;
                    let _ = self.timer.send(RETRY);
                    return Err(error);
                }
            }
            if if is_idle { is_requested() } else { began.elapsed() >= SLICE } {
                break;
            }
        }
        // Measured, not planned: disk and texts decide how long a step takes.
        self.rests_until = Instant::now() + began.elapsed() * REST;
        self.schedule();
        Ok(())
    }

    fn step(&mut self, db: &mut Db, is_idle: bool) -> QueryResult<Next> {
        let (most, idle) = if is_idle { (STEP, self.last_commit.elapsed()) } else { (SHORT_STEP, Duration::ZERO) };
        let next = step(db, &mut self.purge, &mut self.horizon, most)?;
        let scrubbed = self.scrubber.as_mut().map_or(Ok(Next::Nothing), |scrubber| scrubber.step(db, idle))?;
        Ok(if let Next::Nothing = next { scrubbed } else { next })
    }
}

/// Waits until the first delay is over; false where there can be no more.
fn wait(delays: &Receiver<Duration>) -> bool {
    let Ok(delay) = delays.recv() else { return false };
    let mut due = Instant::now() + delay;
    while let Ok(delay) = delays.recv_timeout(due.saturating_duration_since(Instant::now())) {
        due = due.min(Instant::now() + delay);
    }
    true
}

/// Indexes at most so many messages and purges a few rows.
fn step(db: &mut Db, purge: &mut Purge, horizon: &mut search::Horizon, most: i64) -> QueryResult<Next> {
    // Read first, so that a step without work takes no lock and writes nothing.
    let indexed = if search::backlog(db)? > 0 { index(db, horizon, most)? } else { Next::Nothing };
    Ok(if purge.step(db)? { Next::More } else { indexed })
}

fn index(db: &mut Db, horizon: &mut search::Horizon, most: i64) -> QueryResult<Next> {
    let last = match db {
        Db::Sqlite(_) => i64::MAX,
        Db::Postgres(db) => horizon.advance(db)?,
    };
    Ok(if db.write_transaction(|db| search::index_next(db, most, last))? {
        Next::More
    } else if db.is_postgres() && search::backlog(db)? > 0 {
        // Another node is indexing, or still committing a message.
        Next::After(PAUSE)
    } else {
        Next::Nothing
    })
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;

    use super::*;
    use crate::domain::SessionId;
    use crate::store::db::scratch::{self, Scratch};

    /// Databases with a user and the sessions 1 and 2, each with `messages` messages; every tenth is a notice.
    fn databases(messages: i64) -> Vec<Scratch> {
        let mut all = scratch::databases();
        for db in &mut all {
            db.batch_execute(&format!(
                "INSERT INTO server (id, epoch, created_at) VALUES (1, 'x', 0);
                 INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at)
                     VALUES (1, 'avi', 'avi', 'Avi', 0, 0, 0);
                 INSERT INTO sessions (id, kind, seq, rev, last_at, created_at)
                     VALUES (1, 2, 0, 0, 0, 0), (2, 1, 0, 0, 0, 0);
                 INSERT INTO members SELECT id, 1, 2, 1, 0, 0, 0, 0 FROM sessions;
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {messages})
                     INSERT INTO messages (id, session_id, seq, rev, posted_rev, sender_id, kind, text, at)
                     SELECT 2 * n + s.id - 2, s.id, n, n, n, 1, CASE n % 10 WHEN 0 THEN 1 ELSE 0 END,
                     'Word' || n || ' everywhere', 0 FROM n, sessions s;
                 INSERT INTO reactions SELECT session_id, seq, 'x', 1, 0 FROM messages;"
            ))
            .unwrap();
        }
        all
    }

    fn count(db: &mut Db, table: &str) -> i64 {
        diesel::select(diesel::dsl::sql::<BigInt>(&format!("(SELECT count(*) FROM {table})"))).get_result(db).unwrap()
    }

    /// How many messages are indexed with this word, in any session.
    fn found(db: &mut Db, word: &str) -> usize {
        search::indexed_with(db, &[], word, false)
    }

    /// Runs steps until there is nothing left to do, and gives how many there were.
    fn finish(db: &mut Db) -> usize {
        finish_purge(db, &mut Purge::new())
    }

    fn finish_purge(db: &mut Db, purge: &mut Purge) -> usize {
        let (mut horizon, mut count) = (search::Horizon::default(), 0);
        loop {
            match step(db, purge, &mut horizon, STEP).unwrap() {
                Next::More => count += 1,
                // A transaction of another test's database.
                Next::After(pause) => std::thread::sleep(pause),
                Next::Nothing => return count,
            }
        }
    }

    #[test]
    fn messages_are_indexed_in_short_steps() {
        for mut db in databases(1_000) {
            let steps = finish(&mut db);
            assert!(steps > 4, "{steps} steps");
            assert_eq!(search::backlog(&mut db), Ok(0));
            assert_eq!(found(&mut db, "everywhere"), 1_800);
            assert_eq!(search::indexed_with(&mut db, &[SessionId(2)], "word7", false), 1);
        }
    }

    #[test]
    fn a_message_that_changes_before_it_is_indexed_is_indexed_in_its_last_version() {
        for mut db in databases(20) {
            search::update(&mut db, 1, SessionId(1), "early").unwrap();
            assert_eq!(found(&mut db, "early"), 0);
            diesel::sql_query("UPDATE messages SET text = 'early' WHERE id = 1").execute(&mut *db).unwrap();
            diesel::sql_query("UPDATE messages SET text = '', deleted = TRUE WHERE id = 2").execute(&mut *db).unwrap();
            search::remove(&mut db, 2).unwrap();
            finish(&mut db);
            assert_eq!(found(&mut db, "early"), 1);
            assert_eq!(found(&mut db, "everywhere"), 34);
        }
    }

    #[test]
    fn a_message_that_changes_after_it_is_indexed_is_updated_at_once() {
        for mut db in databases(20) {
            finish(&mut db);
            for text in ["later", "much later"] {
                search::update(&mut db, 1, SessionId(1), text).unwrap();
            }
            search::remove(&mut db, 3).unwrap();
            search::remove(&mut db, 3).unwrap();
            assert_eq!(found(&mut db, "word1"), 1, "the other session's");
            assert_eq!((found(&mut db, "later"), found(&mut db, "much"), found(&mut db, "everywhere")), (1, 1, 34));
        }
    }

    #[test]
    fn a_deleted_session_is_purged_in_short_steps_and_no_other() {
        for mut db in databases(1_200) {
            finish(&mut db);
            diesel::sql_query("UPDATE sessions SET kind = 4 WHERE id = 1").execute(&mut *db).unwrap();
            let steps = finish(&mut db);
            assert!(steps >= 24, "{steps} steps");
            for (table, left) in [("messages", 1_200), ("reactions", 1_200), ("members", 1), ("sessions", 1)] {
                assert_eq!(count(&mut db, table), left, "{table}");
            }
            assert_eq!(found(&mut db, "everywhere"), 1_080);
            assert_eq!(count(&mut db, "search"), 1_080);
        }
    }

    #[test]
    fn a_purge_continues_after_a_restart_and_with_the_next_session() {
        for mut db in databases(500) {
            finish(&mut db);
            diesel::sql_query("UPDATE sessions SET kind = 4 WHERE id = 1").execute(&mut *db).unwrap();
            let mut purge = Purge::new();
            for _ in 0..7 {
                assert!(matches!(step(&mut db, &mut purge, &mut search::Horizon::default(), STEP), Ok(Next::More)));
            }
            assert_eq!((count(&mut db, "messages"), count(&mut db, "reactions")), (500, 800));
            diesel::sql_query("UPDATE sessions SET kind = 4").execute(&mut *db).unwrap();
            finish_purge(&mut db, &mut Purge::new());
            for table in ["messages", "reactions", "members", "sessions", "search"] {
                assert_eq!(count(&mut db, table), 0, "{table}");
            }
        }
    }
}
