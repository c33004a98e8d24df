//! The one thread that writes. It takes all that waits, makes it durable in one commit (group commit), and only then lets
//! answers and events go, in commit order.
//!
//! There is no timer: what comes while one commit runs makes up the next one, so a lone message waits for nobody and a
//! flood shares its syncs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::Connection;
use tokio::sync::{mpsc, oneshot};

use super::append::{Ledger, Posting};
use super::batch::{self, Outcome};
use super::chores::Chores;
use super::db::Guard;
use super::{Db, Error, scrub};
use crate::metrics;
use crate::model::{Answer, ConnId, Delivery, Event, Mark, Reference, Refusal, SessionId, Time, UserId};

/// At most so many pieces share a commit.
const BATCH: usize = 1_024;
/// At the stop, readers are waited for so long.
const READERS: Duration = Duration::from_millis(200);

/// Takes what a commit has let out. Called on the writer's thread, so it must only pass it on.
pub type Sink = Box<dyn Fn(Vec<Delivery>, Lost) + Send>;

/// Connections that wait for an answer which a failed commit does not give. They are closed, so that they ask again.
pub type Lost = Vec<ConnId>;

/// Who asked.
pub enum Origin {
    /// A connection, answered in its stream.
    Connection(ConnId, Option<Reference>),
    /// Somebody who waits.
    Caller(oneshot::Sender<Result<Answer, Refusal>>),
}

impl Origin {
    /// The connection, if it is one.
    pub const fn connection(&self) -> Option<ConnId> {
        match self {
            Self::Connection(connection, _) => Some(*connection),
            Self::Caller(_) => None,
        }
    }
}

/// Called with whether the commit held.
pub(super) type After = Box<dyn FnOnce(bool) + Send>;
pub(super) type Task = Box<dyn FnOnce(&mut Db, Time) -> Result<(Vec<Delivery>, After), diesel::result::Error> + Send>;

pub(super) enum Work {
    Post(Posting),
    Mark { user: UserId, session: SessionId, mark: Mark },
    Task(Task),
}

/// A piece of work and who asked for it.
pub struct Job {
    pub(super) work: Work,
    pub(super) origin: Origin,
}

enum Order {
    Do(Job),
    DoAll(Vec<Job>),
    /// To be let out behind all that was asked for before.
    Tell(Delivery),
    /// Everything before it is durable and let out.
    Fence(oneshot::Sender<()>),
    /// Time for chores, if nothing else is to be done.
    Chores,
    /// All that was asked for before is durable; the write-ahead log is to be emptied.
    Close(oneshot::Sender<()>),
}

/// The way to the writing thread. Cheap to clone; the thread ends when the last clone is gone.
#[derive(Clone)]
pub struct Writer {
    orders: mpsc::UnboundedSender<Order>,
    waiting: Arc<AtomicUsize>,
    limit: usize,
}

impl Writer {
    /// Starts the thread on `db`; `limit` pieces may wait, 0 for any number.
    pub(super) fn start(mut db: Db, guard: Guard, limit: usize, sink: Sink) -> Result<Self, std::io::Error> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        // Must not keep the thread going that it is there for.
        let bell = orders.downgrade();
        let chores =
            Chores::start(&mut db, move || bell.upgrade().is_some_and(|orders| orders.send(Order::Chores).is_ok()))?;
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            work(db, inbox, &counter, &sink, chores);
            drop(guard);
        })?;
        Ok(Self { orders, waiting, limit })
    }

    /// How many pieces wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// True where more than may wait is waiting already.
    pub fn is_full(&self) -> bool {
        self.limit > 0 && self.waiting.load(Ordering::Relaxed) >= self.limit
    }

    /// A message to be kept. Messages are kept, and answered, in the order in which they are handed over, refused ones too.
    /// A full queue is answered `busy`, in its turn: the piece that says so costs nothing and is bounded by what one
    /// connection may have under way.
    pub fn post(&self, mut posting: Posting, origin: Origin) -> Job {
        if self.is_full() {
            posting.verdict = Some(Refusal::Busy);
        }
        self.count(Work::Post(posting), origin)
    }

    /// A mark to be moved.
    pub fn mark(&self, user: UserId, session: SessionId, mark: Mark, origin: Origin) -> Job {
        self.count(Work::Mark { user, session, mark }, origin)
    }

    /// Hands work over. What came together goes together: it wakes the thread once and shares a commit.
    pub fn hand_over(&self, jobs: Vec<Job>) {
        // Without a thread there is nobody to answer: callers see their channel close, connections are being closed.
        let _ = self.orders.send(Order::DoAll(jobs));
    }

    /// Runs `task` in the next transaction, undone as a whole if it refuses. What it gives beside its value is let out
    /// once the commit holds.
    ///
    /// # Errors
    /// What `task` refuses; `busy` with a full queue; [`Refusal::Unknown`] where the outcome is unknown.
    pub async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Db, Time) -> Result<(T, Vec<Delivery>), Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        if self.is_full() {
            return Err(Refusal::Busy);
        }
        let (caller, answer) = oneshot::channel();
        let task: Task = Box::new(move |db, now| match db.transaction(|db| task(db, now)) {
            Ok((value, deliveries)) => {
                let answer = move |held| drop(caller.send(if held { Ok(value) } else { Err(Refusal::Unknown) }));
                Ok((deliveries, Box::new(answer)))
            }
            Err(Error::Refused(refusal)) => Ok((Vec::new(), Box::new(move |_| drop(caller.send(Err(refusal)))))),
            Err(Error::Database(error)) => Err(error),
        });
        let (nobody, _) = oneshot::channel();
        self.push(Work::Task(task), Origin::Caller(nobody));
        answer.await.unwrap_or(Err(Refusal::Unknown))
    }

    /// Runs `task` in the next transaction, for something that nobody waits for and that is never refused as `busy`.
    pub fn note(&self, task: impl FnOnce(&mut Db, Time) -> Result<Vec<Delivery>, Error> + Send + 'static) {
        let task: Task = Box::new(move |db, now| match db.transaction(|db| task(db, now)) {
            Ok(deliveries) => Ok((deliveries, Box::new(|_| ()))),
            Err(Error::Database(error)) => Err(error),
            Err(Error::Refused(refusal)) => {
                log::error!("a note was refused: {refusal}");
                Ok((Vec::new(), Box::new(|_| ())))
            }
        });
        let (nobody, _) = oneshot::channel();
        self.push(Work::Task(task), Origin::Caller(nobody));
    }

    /// Lets something out behind everything that is durable now.
    pub fn tell(&self, delivery: Delivery) {
        let _ = self.orders.send(Order::Tell(delivery));
    }

    /// Waits until everything asked for before is durable and let out.
    pub async fn drain(&self) {
        let (done, fence) = oneshot::channel();
        if self.orders.send(Order::Fence(done)).is_ok() {
            let _ = fence.await;
        }
    }

    /// The same, and leaves nothing in the write-ahead log, unless somebody else is reading.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.orders.send(Order::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }

    fn push(&self, work: Work, origin: Origin) {
        let _ = self.orders.send(Order::Do(self.count(work, origin)));
    }

    fn count(&self, work: Work, origin: Origin) -> Job {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Job { work, origin }
    }
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

fn work(mut db: Db, mut inbox: mpsc::UnboundedReceiver<Order>, waiting: &AtomicUsize, sink: &Sink, mut chores: Chores) {
    let _or_die = OrDie;
    let mut ledger = Ledger::default();
    let mut orders = Vec::with_capacity(BATCH);
    while inbox.blocking_recv_many(&mut orders, BATCH) > 0 {
        let (mut jobs, mut told, mut fences) = (Vec::with_capacity(orders.len()), Vec::new(), Vec::new());
        let mut close = None;
        let mut rang = false;
        for order in orders.drain(..) {
            match order {
                Order::Do(job) => jobs.push(job),
                Order::DoAll(several) => jobs.extend(several),
                Order::Tell(delivery) => told.push(delivery),
                Order::Fence(fence) => fences.push(fence),
                Order::Chores => rang = true,
                Order::Close(done) => close = Some(done),
            }
        }
        waiting.fetch_sub(jobs.len(), Ordering::Relaxed);
        if !jobs.is_empty() {
            commit(&mut db, &mut ledger, jobs, sink);
            chores.committed();
        }
        if !told.is_empty() {
            sink(told, Lost::new());
        }
        for fence in fences {
            let _ = fence.send(());
        }
        if let Some(done) = close {
            if let Err(error) = scrub::truncate(&mut db, READERS) {
                log::error!("the write-ahead log cannot be emptied: {error}");
            }
            let _ = done.send(());
        } else if rang {
            chores.rang(&mut db, || !inbox.is_empty());
        }
    }
}

fn commit(db: &mut Db, ledger: &mut Ledger, jobs: Vec<Job>, sink: &Sink) {
    let began = Instant::now();
    let count = jobs.len();
    let mut jobs = Some(jobs);
    let mut outcome = Outcome::default();
    let committed = db
        .immediate_transaction(|db| batch::run(db, ledger, jobs.take().unwrap_or_default(), Time::now(), &mut outcome));
    let Outcome { deliveries, callers, mut acting } = outcome;
    let held = committed.is_ok();
    let took = began.elapsed();
    if let Err(error) = committed {
        log::error!("a commit of {count} pieces failed: {error}");
        scrub::make_room(db, &error);
        ledger.clear();
        // Jobs that never began still name who waits for them.
        acting.extend(jobs.into_iter().flatten().filter_map(|job| job.origin.connection()));
        sink(Vec::new(), acting);
    } else {
        metrics::COMMIT_PIECES.observe(count);
        metrics::COMMIT_TIME.took(took);
        let posted = deliveries.iter().filter(|delivery| matches!(delivery.event, Event::Posted(_)));
        metrics::MESSAGES.add(u64::try_from(posted.count()).unwrap_or_default());
        sink(deliveries, Lost::new());
    }
    for caller in callers {
        caller(held);
    }
    if took > super::SLOW {
        log::warn!("a commit of {count} pieces took {} ms", took.as_millis());
    }
}
