//! Whether commits succeed. An outage is logged at its beginning and its end, however many commits fail in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// An outage is over once commits have succeeded for so long.
const SETTLED: Duration = Duration::from_secs(2);

pub(super) struct Health {
    failing: watch::Sender<bool>,
    outage: Option<Outage>,
    pub succeeded_at: Instant,
}

struct Outage {
    began: Instant,
    failed: u64,
    /// Since when commits succeed again.
    recovered_at: Option<Instant>,
}

impl Health {
    /// `failing` is true while commits fail.
    pub(super) fn new(failing: watch::Sender<bool>) -> Self {
        Self { failing, outage: None, succeeded_at: Instant::now() }
    }

    /// True from a failed commit until one succeeds.
    pub(super) fn is_failing(&self) -> bool {
        *self.failing.borrow()
    }

    /// True from a failed commit until commits have succeeded for a while.
    pub(super) const fn is_in_outage(&self) -> bool {
        self.outage.is_some()
    }

    pub(super) fn failed(&mut self, error: &diesel::result::Error) {
        let outage = self.outage.get_or_insert_with(|| {
            log::error!("the database cannot be written to: {error}; changes are refused until it can");
            Outage { began: Instant::now(), failed: 0, recovered_at: None }
        });
        log::debug!("a commit failed: {error}");
        outage.failed += 1;
        outage.recovered_at = None;
        self.failing.send_replace(true);
    }

    pub(super) fn succeeded(&mut self) {
        self.succeeded_at = Instant::now();
        if let Some(outage) = &mut self.outage {
            outage.recovered_at.get_or_insert(self.succeeded_at);
            self.failing.send_if_modified(|failing| std::mem::replace(failing, false));
        }
        self.end_settled_outage();
    }

    pub(super) fn end_settled_outage(&mut self) {
        let is_settled = |since: Instant| since.elapsed() >= SETTLED;
        if let Some(Outage { began, failed, .. }) =
            self.outage.take_if(|outage| outage.recovered_at.is_some_and(is_settled))
        {
            let lasted = began.elapsed().saturating_sub(SETTLED).as_secs();
            log::warn!("the database can be written to again, after {lasted} s and {failed} failed commits");
        }
    }
}

/// When the commit in progress began. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct CommitTimer {
    base: Instant,
    /// Milliseconds after `base`, plus one; 0 where there is none.
    began: Arc<AtomicU64>,
}

impl CommitTimer {
    pub(super) fn new() -> Self {
        Self { base: Instant::now(), began: Arc::default() }
    }

    pub(super) fn start(&self) {
        let now = u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.began.store(now + 1, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.began.store(0, Ordering::Relaxed);
    }

    /// True while a commit has taken longer than `most`.
    pub(super) fn exceeds(&self, most: Duration) -> bool {
        let began = self.began.load(Ordering::Relaxed);
        began > 0 && self.base.elapsed().saturating_sub(Duration::from_millis(began - 1)) > most
    }
}
