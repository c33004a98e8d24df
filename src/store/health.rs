//! Whether commits hold: one log line when they cease to and one when they do again, however many fail in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// An outage is over once commits have held for so long.
const SETTLED: Duration = Duration::from_secs(2);

/// What the writing thread knows of the disk.
pub(super) struct Health {
    failing: watch::Sender<bool>,
    outage: Option<Outage>,
    held_at: Instant,
}

struct Outage {
    began: Instant,
    failed: u64,
    /// Since when commits hold again.
    held_since: Option<Instant>,
}

impl Health {
    /// All is well; `true` is sent while commits fail.
    pub(super) fn new(failing: watch::Sender<bool>) -> Self {
        Self { failing, outage: None, held_at: Instant::now() }
    }

    /// True from a failed commit until one holds.
    pub(super) fn is_failing(&self) -> bool {
        *self.failing.borrow()
    }

    /// True from a failed commit until commits have held for a while.
    pub(super) const fn is_in_outage(&self) -> bool {
        self.outage.is_some()
    }

    /// How long ago a commit held.
    pub(super) fn since_held(&self) -> Duration {
        self.held_at.elapsed()
    }

    /// A commit failed because of the disk.
    pub(super) fn failed(&mut self, error: &diesel::result::Error) {
        let outage = self.outage.get_or_insert_with(|| {
            log::error!("the database cannot be written to: {error}; changes are refused until it can");
            Outage { began: Instant::now(), failed: 0, held_since: None }
        });
        log::debug!("a commit failed: {error}");
        outage.failed += 1;
        outage.held_since = None;
        self.failing.send_replace(true);
    }

    /// A commit held.
    pub(super) fn held(&mut self) {
        self.held_at = Instant::now();
        if let Some(outage) = &mut self.outage {
            outage.held_since.get_or_insert(self.held_at);
            self.failing.send_if_modified(|failing| std::mem::replace(failing, false));
        }
        self.look();
    }

    /// Ends the outage once commits have held for long enough.
    pub(super) fn look(&mut self) {
        let is_settled = |since: Instant| since.elapsed() >= SETTLED;
        if let Some(Outage { began, failed, .. }) =
            self.outage.take_if(|outage| outage.held_since.is_some_and(is_settled))
        {
            let lasted = began.elapsed().saturating_sub(SETTLED).as_secs();
            log::warn!("the database can be written to again, after {lasted} s and {failed} failed commits");
        }
    }
}

/// Since when a commit has been under way; shared with those who wait for it.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    base: Instant,
    /// Milliseconds after `base`, plus one; 0: none is under way.
    began: Arc<AtomicU64>,
}

impl Clock {
    /// Nothing is under way.
    pub(super) fn new() -> Self {
        Self { base: Instant::now(), began: Arc::default() }
    }

    /// A commit begins.
    pub(super) fn start(&self) {
        let now = u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.began.store(now + 1, Ordering::Relaxed);
    }

    /// It has ended.
    pub(super) fn stop(&self) {
        self.began.store(0, Ordering::Relaxed);
    }

    /// True while one commit has been under way for longer than `most`.
    pub(super) fn exceeds(&self, most: Duration) -> bool {
        let began = self.began.load(Ordering::Relaxed);
        began > 0 && self.base.elapsed().saturating_sub(Duration::from_millis(began - 1)) > most
    }
}

/// True where an error says that the disk, or another process, keeps the database from being written; false where it is
/// about the statement or what it found.
pub(super) fn is_outage(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    match error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, about) => {
            const OUTAGES: [&str; 6] = [
                "database or disk is full",
                "disk I/O error",
                "database is locked",
                "unable to open database file",
                "attempt to write a readonly database",
                "locking protocol",
            ];
            OUTAGES.iter().any(|outage| about.message().starts_with(outage))
        }
        Error::RollbackErrorOnCommit { .. } | Error::BrokenTransactionManager => true,
        _ => false,
    }
}
