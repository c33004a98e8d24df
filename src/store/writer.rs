//! The way to the one thread that writes. It takes all that waits, makes it durable in one commit (group commit), and only
//! then lets answers and events go, in commit order; see `commit`.
//!
//! There is no timer: what comes while one commit runs makes up the next one, so a lone message waits for nobody and a
//! flood shares its syncs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::append::Posting;
use super::chores::Chores;
use super::commit::{Committer, Order, work};
use super::db::{Guard, Location};
use super::health::{Clock, Health};
use super::job::{After, Change, Claim, Job, Note, Origin, Sink, Work};
use super::{Db, Error};
use crate::domain::{Delivery, Mark, Refusal, SessionId, Time, UserId};

/// Whoever asks whether commits hold waits at most so long for one.
const CHECK: Duration = Duration::from_millis(1_500);
/// A commit that takes longer is as good as none, for whoever may choose another server.
const STALLED: Duration = Duration::from_secs(5);
/// While a commit takes longer, changes that nobody waits for are gathered by those who make them.
const SLOW_COMMIT: Duration = Duration::from_secs(1);

/// What the server does by itself is tried again after so long …
const AGAIN: Duration = Duration::from_millis(200);
/// … and so often while commits hold.
const ATTEMPTS: u32 = 50;

/// The way to the writing thread. Cheap to clone; the thread ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Writer {
    orders: mpsc::UnboundedSender<Order>,
    waiting: Arc<AtomicUsize>,
    limit: usize,
    failing: watch::Receiver<bool>,
    clock: Clock,
}

impl Writer {
    /// Starts the thread on `db`; `limit` pieces may wait, 0 for any number.
    pub(super) fn start(
        mut db: Db,
        location: &Location,
        guard: Guard,
        limit: usize,
        sink: Sink,
    ) -> Result<Self, std::io::Error> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        let (failing, is_failing) = watch::channel(false);
        let clock = Clock::new();
        // Must not keep the thread going that it is there for.
        let bell = orders.downgrade();
        let chores =
            Chores::start(&mut db, move || bell.upgrade().is_some_and(|orders| orders.send(Order::Chores).is_ok()))?;
        let committer = Committer::new(db, location, sink, Health::new(failing), clock.clone(), chores);
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            work(committer, inbox, &counter);
            drop(guard);
        })?;
        Ok(Self { orders, waiting, limit, failing: is_failing, clock })
    }

    /// True from a failed commit until one holds.
    pub(crate) fn is_failing(&self) -> bool {
        *self.failing.borrow()
    }

    /// True while commits fail, or one has been under way for long: changes that nobody waits for are better gathered than
    /// handed over.
    pub(crate) fn is_troubled(&self) -> bool {
        self.is_failing() || self.clock.exceeds(SLOW_COMMIT)
    }

    /// Returns once commits hold, at once where they do.
    pub(crate) async fn recovered(&self) {
        // Without a thread nothing will hold any more, and whoever waits is being stopped.
        let _ = self.failing.clone().wait_for(|failing| !*failing).await;
    }

    /// Whether commits hold: where none has for a moment, one is made. A slow one counts as one that holds until it has
    /// taken for seconds.
    pub(crate) async fn holds(&self) -> bool {
        if self.is_failing() {
            return false;
        }
        let (answer, held) = oneshot::channel();
        let _ = self.orders.send(Order::Check(answer));
        match timeout(CHECK, held).await {
            Ok(held) => held.unwrap_or(false),
            Err(_) => !self.is_failing() && !self.clock.exceeds(STALLED),
        }
    }

    /// How many pieces wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// True where more than may wait is waiting already.
    pub(crate) fn is_full(&self) -> bool {
        self.limit > 0 && self.waiting.load(Ordering::Relaxed) >= self.limit
    }

    /// A message to be kept. Messages are kept, and answered, in the order in which they are handed over, refused ones too.
    /// A full queue is answered `busy`, in its turn, since the key may be known; the piece that says so costs nothing and is
    /// bounded by what one connection may have under way. Whoever holds the claim beside it may say so before its turn.
    pub(crate) fn post(&self, mut posting: Posting, mut origin: Origin) -> (Job, Option<Claim>) {
        let mut claim = None;
        if self.is_full() {
            posting.verdict = Some(Refusal::Busy);
            let busy = Claim::new(origin);
            (origin, claim) = (Origin::Claimed(busy.clone()), Some(busy));
        }
        (self.count(Work::Post(posting), origin), claim)
    }

    /// A mark to be moved.
    pub(crate) fn mark(&self, user: UserId, session: SessionId, mark: Mark, origin: Origin) -> Job {
        self.count(Work::Mark { user, session, mark }, origin)
    }

    /// Hands work over. What came together goes together: it wakes the thread once and shares a commit.
    pub(crate) fn hand_over(&self, jobs: Vec<Job>) {
        // Without a thread there is nobody to answer: callers see their channel close, connections are being closed.
        let _ = self.orders.send(Order::DoAll(jobs));
    }

    /// Runs `task` in the next transaction, undone as a whole if it refuses. What it gives beside its value is let out
    /// once the commit holds.
    ///
    /// # Errors
    /// What `task` refuses; `busy` with a full queue; `unavailable` where the commit failed and left nothing behind;
    /// [`Refusal::Unknown`] where the outcome is unknown.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Db, Time) -> Result<(T, Vec<Delivery>), Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        if self.is_full() {
            return Err(Refusal::Busy);
        }
        let (caller, answer) = oneshot::channel();
        self.push(Work::Change(Box::new(Task { task, caller })), Origin::Nobody);
        answer.await.unwrap_or(Err(Refusal::Unknown))
    }

    /// Runs `task` like `run`, and again where it is not refused but nothing could be written, once commits hold. For what
    /// the server does by itself, and may do twice.
    ///
    /// # Errors
    /// What `task` refuses; `unavailable` where it fails time and again while other commits hold.
    pub(crate) async fn persist<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Db, Time) -> Result<(T, Vec<Delivery>), Error> + Clone + Send + 'static,
    ) -> Result<T, Refusal> {
        for _ in 0..ATTEMPTS {
            match self.run(task.clone()).await {
                Err(Refusal::Unavailable | Refusal::Unknown | Refusal::Busy) => {}
                done => return done,
            }
            sleep(AGAIN).await;
            self.recovered().await;
        }
        self.run(task).await
    }

    /// Runs `task` in the next transaction, for something that nobody waits for and that is never refused as `busy`. Where
    /// the commit fails, it is run again once commits hold, in the order of all such changes.
    pub(crate) fn note(&self, task: impl FnMut(&mut Db, Time) -> Result<Vec<Delivery>, Error> + Send + 'static) {
        self.push(Work::Note(Note::new(task, Vec::new())), Origin::Nobody);
    }

    /// The same, but where the commit fails `otherwise` is let out instead: whoever made the change looks at it anew.
    pub(crate) fn note_or(
        &self,
        task: impl FnMut(&mut Db, Time) -> Result<Vec<Delivery>, Error> + Send + 'static,
        otherwise: Vec<Delivery>,
    ) {
        self.push(Work::Note(Note::new(task, otherwise)), Origin::Nobody);
    }

    /// Lets something out behind everything that is durable now.
    pub(crate) fn tell(&self, delivery: Delivery) {
        let _ = self.orders.send(Order::Tell(delivery));
    }

    /// Waits until everything asked for before is durable and let out.
    pub(crate) async fn drain(&self) {
        let (done, fence) = oneshot::channel();
        if self.orders.send(Order::Fence(done)).is_ok() {
            let _ = fence.await;
        }
    }

    /// The same, and leaves nothing in the write-ahead log, unless somebody else is reading.
    pub(crate) async fn close(&self) {
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

/// A change and the caller who waits for it.
struct Task<F, T> {
    task: F,
    caller: oneshot::Sender<Result<T, Refusal>>,
}

impl<F, T> Change for Task<F, T>
where
    F: FnOnce(&mut Db, Time) -> Result<(T, Vec<Delivery>), Error> + Send,
    T: Send + 'static,
{
    fn run(self: Box<Self>, db: &mut Db, now: Time) -> (Result<Vec<Delivery>, diesel::result::Error>, After) {
        let Self { task, caller } = *self;
        let (answer, told) = match db.transaction(|db| task(db, now)) {
            Ok((value, deliveries)) => (Ok(value), Ok(deliveries)),
            Err(Error::Refused(refusal)) => (Err(refusal), Ok(Vec::new())),
            Err(Error::Database(error)) => (Err(Refusal::Unavailable), Err(error)),
        };
        (told, Box::new(move |fate| drop(caller.send(fate.answer(answer)))))
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let _ = self.caller.send(Err(refusal));
    }
}
