//! The thread that writes: one commit after the other, and what becomes of those that fail.
//!
//! While commits fail, nothing is tried but a tiny probe: whoever asks for something is refused at once, with nothing left
//! behind. What the server writes for itself is kept, and repeated as soon as a commit holds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tokio::sync::{mpsc, oneshot};

use super::append::Ledger;
use super::batch::{self, Failed, Outcome};
use super::chores::Chores;
use super::db::{self, Location};
use super::health::{Clock, Health, is_outage};
use super::job::{Fate, Job, Lost, Sink};
use super::kept::Kept;
use super::recovery::{Recovery, Tail};
use super::{Db, scrub};
use crate::domain::{Delivery, Event, Time};
use crate::metrics;

/// At most so many orders share a commit.
const BATCH: usize = 1_024;
/// At the stop, readers are waited for so long.
const READERS: Duration = Duration::from_millis(200);
/// While commits fail, whoever asks for something has the disk tried at most so often …
const RETRY: Duration = Duration::from_millis(100);
/// … and it is tried so often while nobody asks.
const PROBE: Duration = Duration::from_millis(500);
/// A commit that held so long ago says nothing of the disk any more.
const STALE: Duration = Duration::from_secs(1);

/// What the thread is asked for.
pub(super) enum Order {
    /// A piece of work.
    Do(Job),
    /// Several that came together.
    DoAll(Vec<Job>),
    /// To be let out behind all that was asked for before.
    Tell(Delivery),
    /// Everything before it is durable and let out, as far as the disk allows.
    Fence(oneshot::Sender<()>),
    /// Whether commits hold.
    Check(oneshot::Sender<bool>),
    /// Time for chores, if nothing else is to be done.
    Chores,
    /// All that was asked for before is durable; the write-ahead log is to be emptied.
    Close(oneshot::Sender<()>),
}

/// Without its writer a server can keep no promise: better to end and be started again.
struct OrDie;

impl Drop for OrDie {
    fn drop(&mut self) {
        if std::thread::panicking() {
            log::error!("the writer panicked");
            std::process::abort();
        }
    }
}

/// Does what is ordered until nobody can order any more.
pub(super) fn work(mut committer: Committer, mut inbox: mpsc::UnboundedReceiver<Order>, waiting: &AtomicUsize) {
    let _or_die = OrDie;
    let mut orders = Vec::with_capacity(BATCH);
    while inbox.blocking_recv_many(&mut orders, BATCH) > 0 {
        let (mut jobs, mut told, mut fences) = (VecDeque::with_capacity(orders.len()), Vec::new(), Vec::new());
        let (mut checks, mut rang, mut close) = (Vec::new(), false, None);
        for order in orders.drain(..) {
            match order {
                Order::Do(job) => jobs.push_back(job),
                Order::DoAll(several) => jobs.extend(several),
                Order::Tell(delivery) => told.push(delivery),
                Order::Fence(fence) => fences.push(fence),
                Order::Check(check) => checks.push(check),
                Order::Chores => rang = true,
                Order::Close(done) => close = Some(done),
            }
        }
        waiting.fetch_sub(jobs.len(), Ordering::Relaxed);
        if !jobs.is_empty() {
            committer.take(jobs);
        }
        if !told.is_empty() {
            (committer.sink)(told, Lost::new());
        }
        if !checks.is_empty() {
            let held = committer.check();
            for check in checks {
                let _ = check.send(held);
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
        } else if rang {
            committer.rang(|| !inbox.is_empty());
        }
    }
}

/// What the thread works with.
pub(super) struct Committer {
    db: Db,
    location: Location,
    ledger: Ledger,
    /// What `PRAGMA data_version` said: another number where somebody else has written.
    version: Option<i64>,
    sink: Sink,
    health: Health,
    clock: Clock,
    chores: Chores,
    kept: Kept,
    recovery: Recovery,
    /// What an earlier commit that failed has left in the log.
    leftover: Option<Tail>,
    probed_at: Option<Instant>,
    probes: i32,
}

impl Committer {
    /// Works on `db`, the writing connection of the database at `location`.
    pub(super) fn new(db: Db, location: &Location, sink: Sink, health: Health, clock: Clock, chores: Chores) -> Self {
        let Location::Sqlite(path) = location;
        Self {
            db,
            location: location.clone(),
            ledger: Ledger::default(),
            version: None,
            sink,
            health,
            clock,
            chores,
            kept: Kept::default(),
            // SQLite follows links before it names the log.
            recovery: Recovery::of(&path.canonicalize().unwrap_or_else(|_| path.clone())),
            leftover: None,
            probed_at: None,
            probes: 0,
        }
    }

    fn take(&mut self, mut jobs: VecDeque<Job>) {
        if self.health.is_failing() && !self.may_go_on() {
            let told = batch::turn_away(jobs, &mut self.kept);
            return (self.sink)(told, Lost::new());
        }
        if self.kept.len() > 0 {
            jobs = self.kept.take_over(jobs);
        }
        self.commit(jobs);
        self.repeat();
    }

    /// True where a commit holds again.
    fn may_go_on(&mut self) -> bool {
        self.probed_at.is_none_or(|at| at.elapsed() >= RETRY) && self.probe()
    }

    /// Makes the smallest change there is; true where it holds.
    fn probe(&mut self) -> bool {
        self.probes = self.probes.wrapping_add(1) & i32::MAX;
        let change = format!("PRAGMA user_version = {};", self.probes);
        self.clock.start();
        let probed = self.db.immediate_transaction(|db| db.batch_execute(&change));
        self.clock.stop();
        self.probed_at = Some(Instant::now());
        match probed {
            Ok(()) => self.held(),
            Err(error) => drop(self.undone(&error, true)),
        }
        !self.health.is_failing()
    }

    fn check(&mut self) -> bool {
        let is_known = self.health.is_failing() || self.health.since_held() < STALE;
        if is_known { !self.health.is_failing() } else { self.probe() }
    }

    /// Does again what the server has written for itself and could not.
    fn repeat(&mut self) {
        let mut before = usize::MAX;
        while (1..before).contains(&self.kept.len()) && !self.health.is_failing() {
            before = self.kept.len();
            let jobs = self.kept.take();
            self.commit(jobs);
        }
    }

    fn rang(&mut self, comes: impl Fn() -> bool) {
        self.chores.rung();
        if self.health.is_failing() {
            if self.probed_at.is_none_or(|at| at.elapsed() >= PROBE) && self.probe() {
                self.repeat();
            }
        } else if let Err(error) = self.chores.rang(&mut self.db, comes) {
            // Of the disk commits tell: what is emptied or copied may fail where they hold.
            let level = if is_outage(&error) { log::Level::Debug } else { log::Level::Error };
            log::log!(level, "a chore failed: {error}");
            let _ = self.undone(&error, false);
        }
        self.health.look();
        if self.health.is_in_outage() {
            self.chores.ask();
        }
    }

    fn commit(&mut self, mut jobs: VecDeque<Job>) {
        if jobs.is_empty() {
            return;
        }
        let (began, count) = (Instant::now(), jobs.len());
        let mut outcome = Outcome::default();
        let mut is_complete = false;
        self.clock.start();
        let Self { db, ledger, version, .. } = self;
        let committed = db.immediate_transaction(|db| {
            look_for_others(db, ledger, version)?;
            batch::run(db, ledger, &mut jobs, Time::now(), &mut outcome)?;
            is_complete = true;
            Ok(())
        });
        let took = began.elapsed();
        self.clock.stop();
        if let Err(error) = committed {
            let fate = self.failed(&error, is_complete, count);
            if !is_complete && !is_outage(&error) {
                outcome.give_up_marks();
            }
            let Failed { told, lost, callers } = outcome.failed(fate, jobs, &mut self.kept);
            (self.sink)(told, lost);
            callers.into_iter().for_each(|caller| caller(fate));
            return;
        }
        self.held();
        metrics::COMMIT_PIECES.observe(count);
        metrics::COMMIT_TIME.took(took);
        let (deliveries, callers) = outcome.held();
        let posted = deliveries.iter().filter(|delivery| matches!(delivery.event, Event::Posted(_)));
        metrics::MESSAGES.add(u64::try_from(posted.count()).unwrap_or_default());
        (self.sink)(deliveries, Lost::new());
        callers.into_iter().for_each(|caller| caller(Fate::Held));
        if took > super::SLOW {
            log::warn!("a commit of {count} pieces took {} ms", took.as_millis());
        }
        self.chores.committed(&mut self.db);
    }

    fn held(&mut self) {
        // It has written over what was left behind.
        self.leftover = None;
        self.health.held();
    }

    /// What became of a transaction that failed. Only a `COMMIT` can leave anything behind.
    fn failed(&mut self, error: &diesel::result::Error, is_complete: bool, count: usize) -> Fate {
        let before = self.leftover;
        if !is_complete && !is_outage(error) {
            log::error!("a commit of {count} pieces failed: {error}");
        }
        match self.undone(error, is_complete || is_outage(error)) {
            _ if !is_complete => Fate::Undone,
            Ok(tail) if tail.is_none() || tail == before => Fate::Undone,
            Ok(_) => Fate::Unknown,
            Err(error) => {
                log::debug!("the log cannot be read: {error}");
                Fate::Unknown
            }
        }
    }

    /// After a transaction that failed: forgets what was read in it, and sees to it that the next one can be tried. Gives
    /// what now stands in the log behind the last commit.
    fn undone(&mut self, error: &diesel::result::Error, is_outage: bool) -> std::io::Result<Option<Tail>> {
        self.ledger.clear();
        self.version = None;
        let tail = self.recovery.tail();
        self.leftover = tail.as_ref().ok().copied().flatten();
        if AnsiTransactionManager::is_broken_transaction_manager(&mut self.db) {
            match db::writing(&self.location) {
                Ok(db) => {
                    self.db = db;
                    self.chores.reopened(&mut self.db);
                }
                Err(error) => log::debug!("the database cannot be opened again: {error}"),
            }
        }
        // Behind the look at the log, which this may empty.
        scrub::make_room(&mut self.db, error);
        if is_outage {
            self.health.failed(error);
            self.chores.ask();
        }
        tail
    }
}

/// Forgets what is remembered of the database where somebody else has written to it.
fn look_for_others(db: &mut Db, ledger: &mut Ledger, version: &mut Option<i64>) -> QueryResult<()> {
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
