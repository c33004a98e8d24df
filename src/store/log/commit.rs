//! The writing thread. While commits fail, only a tiny probe is tried: commands are refused at once, with nothing left behind,
//! and changes of the server's own are deferred and repeated as soon as a commit succeeds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tokio::sync::{mpsc, oneshot};

use super::batch::{self, Batch, FailedBatch};
use super::deferred::DeferredWrites;
use super::health::{CommitTimer, Health, is_outage};
use super::job::{CommitOutcome, Job, Sink, Unanswered};
use super::ledger::Ledger;
use super::recovery::{Recovery, Tail};
use crate::domain::{CommitOutput, Delivery, Event, Time};
use crate::metrics;
use crate::store::background::{BackgroundTasks, scrub};
use crate::store::db::{self, Location};
use crate::store::{Db, SLOW};

/// The largest number of requests that share a commit.
const BATCH: usize = 1_024;
/// At the shutdown, readers that keep the write-ahead log from being truncated are waited for so long.
const READERS: Duration = Duration::from_millis(200);
/// While commits fail, a command causes a probe at most this often …
const RETRY: Duration = Duration::from_millis(100);
/// … and without commands there is one this often.
const PROBE: Duration = Duration::from_millis(500);
/// A commit longer ago does not show that the disk can be written to.
const STALE: Duration = Duration::from_secs(1);

pub(super) enum WriterRequest {
    /// Jobs that share a commit.
    Run(Vec<Job>),
    /// To be released behind everything requested before.
    Publish(CommitOutput),
    /// Answered when everything requested before is durable and released, as far as the disk allows.
    Fence(oneshot::Sender<()>),
    Check(oneshot::Sender<bool>),
    /// Time for background tasks, if the queue is empty.
    Background,
    /// A fence that also truncates the write-ahead log.
    Close(oneshot::Sender<()>),
}

/// A server without its writer can keep no promise: it is better to exit and be restarted.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            log::error!("the writer panicked");
            std::process::abort();
        }
    }
}

/// Serves requests until all senders are dropped.
pub(super) fn run(mut committer: Committer, mut queue: mpsc::UnboundedReceiver<WriterRequest>, queued: &AtomicUsize) {
    let _abort = AbortOnPanic;
    let mut requests = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut requests, BATCH) > 0 {
        let (mut jobs, mut published, mut fences) = (VecDeque::with_capacity(requests.len()), Vec::new(), Vec::new());
        let (mut checks, mut background, mut close) = (Vec::new(), false, None);
        for request in requests.drain(..) {
            match request {
                WriterRequest::Run(several) => jobs.extend(several),
                WriterRequest::Publish(delivery) => published.push(delivery),
                WriterRequest::Fence(fence) => fences.push(fence),
                WriterRequest::Check(check) => checks.push(check),
                WriterRequest::Background => background = true,
                WriterRequest::Close(done) => close = Some(done),
            }
        }
        queued.fetch_sub(jobs.len(), Ordering::Relaxed);
        if !jobs.is_empty() {
            committer.run_jobs(jobs);
        }
        if !published.is_empty() {
            (committer.sink)(published, Unanswered::new());
        }
        if !checks.is_empty() {
            let succeeds = committer.check();
            for check in checks {
                let _ = check.send(succeeds);
            }
        }
        for fence in fences {
            let _ = fence.send(());
        }
        if let Some(done) = close {
            if let Err(error) = scrub::truncate(&mut committer.db, READERS) {
                log::error!("the write-ahead log cannot be emptied: {error}");
            }
            let _ = done.send(());
        } else if background {
            committer.run_background(|| !queue.is_empty());
        }
    }
}

pub(super) struct Committer {
    db: Db,
    location: Location,
    ledger: Ledger,
    /// `PRAGMA data_version`, which differs where another process has written.
    version: Option<i64>,
    sink: Sink,
    health: Health,
    timer: CommitTimer,
    tasks: BackgroundTasks,
    deferred: DeferredWrites,
    recovery: Recovery,
    /// What an earlier failed commit has left in the log.
    remains: Option<Tail>,
    probed_at: Option<Instant>,
    probes: i32,
}

impl Committer {
    pub(super) fn new(
        db: Db,
        location: &Location,
        ledger: Ledger,
        sink: Sink,
        health: Health,
        timer: CommitTimer,
        tasks: BackgroundTasks,
    ) -> Self {
        Self {
            db,
            location: location.clone(),
            ledger,
            version: None,
            sink,
            health,
            timer,
            tasks,
            deferred: DeferredWrites::default(),
            recovery: Recovery::of(location),
            remains: None,
            probed_at: None,
            probes: 0,
        }
    }

    fn run_jobs(&mut self, mut jobs: VecDeque<Job>) {
        let may_probe = self.probed_at.is_none_or(|at| at.elapsed() >= RETRY);
        if self.health.is_failing() && !(may_probe && self.probe()) {
            let replies = batch::refuse_all(jobs, &mut self.deferred);
            return (self.sink)(replies, Unanswered::new());
        }
        if self.deferred.len() > 0 {
            jobs = self.deferred.take_over(jobs);
        }
        self.commit(jobs);
        self.run_deferred();
    }

    /// Commits the smallest possible change; true where that succeeds.
    fn probe(&mut self) -> bool {
        self.probes = self.probes.wrapping_add(1) & i32::MAX;
        let change = format!("PRAGMA user_version = {};", self.probes);
        self.timer.start();
        let probed = self.db.immediate_transaction(|db| db.batch_execute(&change));
        self.timer.stop();
        self.probed_at = Some(Instant::now());
        match probed {
            Ok(()) => self.succeeded(),
            Err(error) => drop(self.rolled_back(&error, true)),
        }
        !self.health.is_failing()
    }

    fn check(&mut self) -> bool {
        let is_known = self.health.is_failing() || self.health.succeeded_at.elapsed() < STALE;
        if is_known { !self.health.is_failing() } else { self.probe() }
    }

    /// Runs deferred changes, as long as that makes progress.
    fn run_deferred(&mut self) {
        let mut before = usize::MAX;
        while (1..before).contains(&self.deferred.len()) && !self.health.is_failing() {
            before = self.deferred.len();
            let jobs = self.deferred.drain();
            self.commit(jobs);
        }
    }

    fn run_background(&mut self, is_requested: impl Fn() -> bool) {
        self.tasks.woken();
        if self.health.is_failing() {
            if self.probed_at.is_none_or(|at| at.elapsed() >= PROBE) && self.probe() {
                self.run_deferred();
            }
        } else if let Err(error) = self.tasks.run(&mut self.db, is_requested) {
            // Only commits show the state of the disk: truncating and copying may fail while they succeed.
            let level = if is_outage(&error) { log::Level::Debug } else { log::Level::Error };
            log::log!(level, "a background task failed: {error}");
            let _ = self.rolled_back(&error, false);
        }
        self.health.end_settled_outage();
        if self.health.is_in_outage() {
            self.tasks.schedule();
        }
    }

    fn commit(&mut self, mut jobs: VecDeque<Job>) {
        if jobs.is_empty() {
            return;
        }
        let (began, count) = (Instant::now(), jobs.len());
        let mut batch = Batch::default();
        let mut is_complete = false;
        self.timer.start();
        let Self { db, ledger, version, .. } = self;
        let committed = db.immediate_transaction(|db| {
            clear_if_changed(db, ledger, version)?;
            batch::run(db, ledger, &mut jobs, Time::now(), &mut batch)?;
            is_complete = true;
            Ok(())
        });
        let took = began.elapsed();
        self.timer.stop();
        if let Err(error) = committed {
            let outcome = self.failed(&error, is_complete, count);
            if !is_complete && !is_outage(&error) {
                // Marks, or a job beside them, would fail again.
                batch.marks.clear();
            }
            let FailedBatch { replies, unanswered, callers } = batch.failed(outcome, jobs, &mut self.deferred);
            (self.sink)(replies, unanswered);
            callers.into_iter().for_each(|caller| caller(outcome));
            return;
        }
        self.succeeded();
        metrics::COMMIT_PIECES.observe(count);
        metrics::COMMIT_TIME.observe_time(took);
        let (outputs, callers) = batch.committed();
        let posted = outputs
            .iter()
            .filter(|output| matches!(output, CommitOutput::Event(Delivery { event: Event::Posted(_), .. })));
        metrics::MESSAGES.add(u64::try_from(posted.count()).unwrap_or_default());
        (self.sink)(outputs, Unanswered::new());
        callers.into_iter().for_each(|caller| caller(CommitOutcome::Committed));
        if took > SLOW {
            log::warn!("a commit of {count} pieces took {} ms", took.as_millis());
        }
        self.tasks.committed(&mut self.db);
    }

    fn succeeded(&mut self) {
        // It has overwritten what was left in the log.
        self.remains = None;
        self.health.succeeded();
    }

    /// The outcome of a failed transaction. Only a `COMMIT` can leave anything behind.
    fn failed(&mut self, error: &diesel::result::Error, is_complete: bool, count: usize) -> CommitOutcome {
        let before = self.remains;
        if !is_complete && !is_outage(error) {
            log::error!("a commit of {count} pieces failed: {error}");
        }
        match self.rolled_back(error, is_complete || is_outage(error)) {
            _ if !is_complete => CommitOutcome::RolledBack,
            Ok(tail) if tail.is_none() || tail == before => CommitOutcome::RolledBack,
            Ok(_) => CommitOutcome::Unknown,
            Err(error) => {
                log::debug!("the log cannot be read: {error}");
                CommitOutcome::Unknown
            }
        }
    }

    /// After a failed transaction: discards what was read in it and makes the next one possible. Gives what is now in the log
    /// behind the last commit.
    fn rolled_back(&mut self, error: &diesel::result::Error, is_outage: bool) -> std::io::Result<Option<Tail>> {
        self.ledger.clear();
        self.version = None;
        let tail = self.recovery.tail();
        self.remains = tail.as_ref().ok().copied().flatten();
        if AnsiTransactionManager::is_broken_transaction_manager(&mut self.db) {
            match db::reopen(&self.location) {
                Ok(db) => {
                    self.db = db;
                    self.tasks.reopened(&mut self.db);
                }
                Err(error) => log::debug!("the database cannot be opened again: {error}"),
            }
        }
        // After reading the log, which this may truncate.
        scrub::make_room(&mut self.db, error);
        if is_outage {
            self.health.failed(error);
            self.tasks.schedule();
        }
        tail
    }
}

/// Clears the cache where another process has written to the database.
fn clear_if_changed(db: &mut Db, ledger: &mut Ledger, version: &mut Option<i64>) -> QueryResult<()> {
    let now: i64 = diesel::sql_query("PRAGMA data_version").get_result::<Version>(db)?.data_version;
    if version.replace(now) != Some(now) {
        ledger.clear();
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}
