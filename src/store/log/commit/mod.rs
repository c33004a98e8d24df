//! Commits jobs in groups. While commits fail, only a tiny probe is tried: commands are refused at once, with nothing left
//! behind, and changes of the server's own are deferred and repeated as soon as a commit succeeds.

mod node;
mod rollback;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::batch::{self, Batch, FailedBatch};
use super::deferred::DeferredWrites;
use super::health::{CommitTimer, Health};
use super::held::HeldJobs;
use super::job::{CommitOutcome, Job, Sink, Unanswered};
use super::ledger::Ledger;
use super::outcome::Outcomes;
use crate::domain::{CommitOutput, Delivery, Event, Refusal};
use crate::metrics;
use crate::store::background::{BackgroundTasks, scrub};
use crate::store::db::Location;
use crate::store::epoch::Epoch;
use crate::store::{Db, SLOW, is_lock_timeout, is_outage};

pub(crate) use node::Node;

/// At the shutdown, readers that keep the write-ahead log from being truncated are waited for so long.
const READERS: Duration = Duration::from_millis(200);
/// While commits fail, a command causes a probe at most this often …
const RETRY: Duration = Duration::from_millis(100);
/// … and without commands there is one this often.
const PROBE: Duration = Duration::from_millis(500);
/// A commit longer ago does not show that the disk can be written to.
const STALE: Duration = Duration::from_secs(1);
/// A transaction that has left nothing behind is repeated for so long.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) struct Committer {
    db: Db,
    location: Location,
    epoch: Epoch,
    ledger: Ledger,
    /// `PRAGMA data_version`, which differs where another process has written.
    version: Option<i64>,
    sink: Sink,
    health: Health,
    timer: CommitTimer,
    tasks: BackgroundTasks,
    deferred: DeferredWrites,
    held: HeldJobs,
    outcomes: Outcomes,
    node: Option<Node>,
    probed_at: Option<Instant>,
    probes: i32,
}

/// What to do with the jobs of a failed transaction.
enum Recourse {
    /// It has been committed all the same.
    Release,
    Repeat,
    /// Repeat the others, and later the one whose lock was not available.
    HoldBack,
    /// One of them cannot be run, and must not make the others fail.
    RunSeparately,
    Refuse(CommitOutcome),
}

impl Committer {
    pub(super) fn new(
        (db, node): (Db, Option<Node>),
        (location, epoch): (Location, Epoch),
        ledger: Ledger,
        sink: Sink,
        health: Health,
        timer: CommitTimer,
        tasks: BackgroundTasks,
    ) -> Self {
        Self {
            db,
            outcomes: Outcomes::of(&location),
            location,
            epoch,
            ledger,
            version: None,
            sink,
            health,
            timer,
            tasks,
            deferred: DeferredWrites::default(),
            held: HeldJobs::default(),
            node,
            probed_at: None,
            probes: 0,
        }
    }

    pub(super) fn release(&self, outputs: Vec<CommitOutput>, unanswered: Unanswered) {
        (self.sink)(outputs, unanswered);
    }

    pub(super) fn run_jobs(&mut self, mut jobs: VecDeque<Job>) {
        let may_probe = self.probed_at.is_none_or(|at| at.elapsed() >= RETRY);
        if self.health.is_failing() && !(may_probe && self.probe()) {
            let replies = batch::refuse_all(jobs, &Refusal::Unavailable, &mut self.deferred);
            return self.release(replies, Unanswered::new());
        }
        if self.deferred.len() > 0 {
            jobs = self.deferred.take_over(jobs);
        }
        self.commit(jobs);
        self.run_held();
        self.run_deferred();
    }

    /// Before the shutdown.
    pub(super) fn close(&mut self) {
        let (jobs, expired) = self.held.take();
        let replies = batch::refuse_all(jobs.into_iter().chain(expired), &Refusal::Busy, &mut self.deferred);
        self.release(replies, Unanswered::new());
        if !self.health.is_failing() {
            self.leave();
        }
        if let Db::Sqlite(_) = self.db
            && let Err(error) = scrub::truncate(&mut self.db, READERS)
        {
            log::error!("the write-ahead log cannot be emptied: {error}");
        }
    }

    /// Commits the smallest possible change; true where that succeeds.
    fn probe(&mut self) -> bool {
        self.probes = self.probes.wrapping_add(1) & i32::MAX;
        let change = match self.db {
            Db::Sqlite(_) => format!("PRAGMA user_version = {};", self.probes),
            // A transaction with an id commits, and is made durable, though it has changed nothing.
            Db::Postgres(_) => "SELECT pg_current_xact_id();".to_owned(),
        };
        self.timer.start();
        let probed = self.db.write_transaction(|db| db.batch_execute(&change));
        self.timer.stop();
        self.probed_at = Some(Instant::now());
        match probed {
            Ok(()) => self.succeeded(),
            Err(error) => drop(self.rolled_back(&error, true, true)),
        }
        !self.health.is_failing()
    }

    pub(super) fn check(&mut self) -> bool {
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

    /// Tries jobs again whose session was locked, and refuses those that have waited for too long.
    fn run_held(&mut self) {
        if self.held.is_empty() {
            return self.ledger.skip_locked(false);
        }
        let (jobs, expired) = self.held.due();
        let replies = batch::refuse_all(expired, &Refusal::Busy, &mut self.deferred);
        if !replies.is_empty() {
            self.release(replies, Unanswered::new());
        }
        self.ledger.skip_locked(true);
        self.commit(jobs);
        self.ledger.skip_locked(!self.held.is_empty());
        if !self.held.is_empty() {
            self.tasks.schedule();
        }
    }

    pub(super) fn run_background(&mut self, is_requested: impl Fn() -> bool) {
        self.tasks.woken();
        if self.health.is_failing() {
            if self.probed_at.is_none_or(|at| at.elapsed() >= PROBE) && self.probe() {
                self.run_deferred();
            }
        } else if let Err(error) = self.tasks.run(&mut self.db, is_requested) {
            // Only commits show the state of the disk: truncating and copying may fail while they succeed.
            let level = if is_outage(&error) { log::Level::Debug } else { log::Level::Error };
            log::log!(level, "a background task failed: {error}");
            let _ = self.rolled_back(&error, false, false);
        }
        self.run_held();
        self.health.end_settled_outage();
        if self.health.is_in_outage() {
            self.tasks.schedule();
        }
    }

    fn commit(&mut self, jobs: VecDeque<Job>) {
        let mut jobs = self.held.hold_back(jobs);
        let end = Instant::now() + PATIENCE;
        while !jobs.is_empty() {
            let (began, count) = (Instant::now(), jobs.len());
            let mut batch = Batch::default();
            let (committed, is_complete) = self.attempt(&mut jobs, &mut batch);
            let Err(error) = committed else { return self.committed(batch, count, began) };
            match self.recourse(&error, is_complete, count, end) {
                Recourse::Release => return self.committed(batch, count, began),
                Recourse::Repeat => jobs = batch.into_jobs(jobs),
                Recourse::HoldBack => {
                    match batch.take_locked() {
                        Some(job) => self.held.add([job]),
                        None => self.ledger.skip_locked(true),
                    }
                    self.tasks.schedule();
                    jobs = batch.into_jobs(jobs);
                }
                Recourse::RunSeparately => {
                    for job in batch.into_jobs(jobs) {
                        self.commit(VecDeque::from([job]));
                    }
                    return;
                }
                Recourse::Refuse(outcome) => return self.refuse(batch, jobs, outcome, !is_outage(&error)),
            }
        }
    }

    /// One transaction; and whether all jobs ran in it.
    fn attempt(&mut self, jobs: &mut VecDeque<Job>, batch: &mut Batch) -> (QueryResult<()>, bool) {
        let mut is_complete = false;
        self.timer.start();
        let Self { db, ledger, version, outcomes, node, .. } = self;
        let committed = db.write_transaction(|db| {
            clear_if_changed(db, ledger, version)?;
            let opening = ledger.open(db, jobs.iter().filter(|job| job.may_store_message()).count())?;
            outcomes.begun(opening.transaction);
            batch::run(db, ledger, jobs, opening.now, batch)?;
            if let Some(node) = node {
                node.append(db, batch.outputs(), opening.now)?;
            }
            is_complete = true;
            Ok(())
        });
        self.timer.stop();
        (committed, is_complete)
    }

    fn recourse(&mut self, error: &diesel::result::Error, is_complete: bool, count: usize, end: Instant) -> Recourse {
        if self.rejoined() {
            return Recourse::Repeat;
        }
        if !is_complete && !is_outage(error) {
            log::error!("a commit of {count} pieces failed: {error}");
        }
        let outcome = self.rolled_back(error, is_complete, is_complete || is_outage(error));
        let may_repeat = self.db.is_postgres() && !self.health.is_failing() && Instant::now() < end;
        match outcome {
            CommitOutcome::Committed => Recourse::Release,
            // Another node takes long to commit.
            CommitOutcome::RolledBack if may_repeat && is_complete && is_lock_timeout(error) => Recourse::Repeat,
            CommitOutcome::RolledBack if may_repeat && is_lock_timeout(error) => Recourse::HoldBack,
            CommitOutcome::RolledBack if may_repeat && is_outage(error) => Recourse::Repeat,
            CommitOutcome::RolledBack if !is_complete && !is_outage(error) && count > 1 => Recourse::RunSeparately,
            outcome => Recourse::Refuse(outcome),
        }
    }

    fn refuse(&mut self, batch: Batch, rest: VecDeque<Job>, outcome: CommitOutcome, is_faulty: bool) {
        let FailedBatch { replies, unanswered, callers } = batch.failed(outcome, is_faulty, rest, &mut self.deferred);
        self.release(replies, unanswered);
        callers.into_iter().for_each(|caller| caller.answer(outcome));
    }

    /// Releases the outputs of a durable transaction.
    fn committed(&mut self, mut batch: Batch, count: usize, began: Instant) {
        let took = began.elapsed();
        self.succeeded();
        metrics::COMMIT_PIECES.observe(count);
        metrics::COMMIT_TIME.observe_time(took);
        let held = batch.take_held();
        if !held.is_empty() {
            self.held.add(held);
            self.tasks.schedule();
        }
        let (outputs, callers) = batch.committed();
        let posted = outputs
            .iter()
            .filter(|output| matches!(output, CommitOutput::Event(Delivery { event: Event::Posted(_), .. })));
        metrics::MESSAGES.add(u64::try_from(posted.count()).unwrap_or_default());
        self.release_committed(outputs, callers);
        if took > SLOW {
            log::warn!("a commit of {count} pieces took {} ms", took.as_millis());
        }
        self.tasks.committed(&mut self.db);
    }

    fn succeeded(&mut self) {
        self.outcomes.succeeded();
        self.health.succeeded();
    }
}

/// Clears the cache where another process has written to the database.
fn clear_if_changed(db: &mut Db, ledger: &mut Ledger, version: &mut Option<i64>) -> QueryResult<()> {
    if db.is_postgres() {
        // It does not report changes by others.
        ledger.clear();
        return Ok(());
    }
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
