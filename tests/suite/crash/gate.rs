//! What the threads know of the server: whether it has been started again, and when to end.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::kit::Lost;

/// Who is lost for so long without a new start was not lost to a kill.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Gate {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    starts: u64,
    /// Since the last start.
    answers: u64,
    no_more: bool,
    failed: bool,
    totals: Option<BTreeMap<String, u64>>,
}

impl Gate {
    /// The server has been started.
    pub fn open(&self) {
        self.change(|now| (now.starts, now.answers) = (now.starts + 1, 0));
    }

    pub fn stop_sending(&self) {
        self.change(|now| now.no_more = true);
    }

    /// Readers end when they have so much of their session.
    pub fn end_at(&self, totals: BTreeMap<String, u64>) {
        self.change(|now| now.totals = Some(totals));
    }

    pub fn answered(&self) {
        self.change(|now| now.answers += 1);
    }

    pub fn wait_for_answers(&self, count: u64) {
        drop(self.wait("answers", |now| now.answers >= count));
    }

    /// Waits for a start after the `seen`th, and returns its number. Only a kill may have lost the connection before.
    pub fn next_start(&self, seen: u64, lost: Option<&Lost>) -> u64 {
        assert!(!matches!(lost, Some(Lost::Closed(..) | Lost::Refused(_))), "not by a kill: {lost:?}");
        self.wait(&format!("a start after {lost:?}"), |now| now.starts > seen).starts
    }

    pub fn may_send(&self) -> bool {
        !self.look().no_more
    }

    pub fn total(&self, session: &str) -> Option<u64> {
        self.look().totals.as_ref().map(|totals| totals[session])
    }

    /// Held by every thread: the first that fails ends all of them.
    pub fn watch(&self) -> Watch<'_> {
        Watch(self)
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn look(&self) -> MutexGuard<'_, Now> {
        let now = self.now.lock().unwrap();
        assert!(!now.failed, "another thread failed");
        now
    }

    fn wait(&self, what: &str, holds: impl Fn(&Now) -> bool) -> MutexGuard<'_, Now> {
        let now = self.look();
        let goes_on = |now: &mut Now| !holds(now) && !now.failed;
        let (now, timeout) = self.changed.wait_timeout_while(now, PATIENCE, goes_on).unwrap();
        assert!(!now.failed, "another thread failed");
        assert!(!timeout.timed_out(), "waiting for {what}");
        now
    }
}

pub struct Watch<'a>(&'a Gate);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.change(|now| now.failed = true);
        }
    }
}
