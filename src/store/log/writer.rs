//! The queue in front of the writing thread ([`thread`]). There is no timer: jobs that arrive during one commit make up the
//! next, so a lone message does not wait and a burst shares its syncs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use diesel::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::commit::{Committer, Node};
use super::health::{CommitTimer, Health};
use super::job::{BackgroundChange, Change, CommitOutcome, Job, ReplySlot, Requester, Sink, Work};
use super::ledger::Ledger;
use super::posting::{Posting, Refuse};
use super::thread::{self, WriterRequest};
use super::touches::Touches;
use crate::domain::{CommitOutput, Mark, Refusal, SessionId, Time, UserId};
use crate::store::background::BackgroundTasks;
use crate::store::cluster::Entry;
use crate::store::db::{Guard, Location};
use crate::store::epoch::Epoch;
use crate::store::{Db, Error};

/// A health check waits at most so long for a commit.
const CHECK: Duration = Duration::from_millis(1_500);
/// A health check counts a commit that takes longer as failed.
const STALLED: Duration = Duration::from_secs(5);
/// While a commit takes longer, the writer is degraded.
const SLOW_COMMIT: Duration = Duration::from_secs(1);
/// Between two reads of other nodes' commits, unless set otherwise.
const POLL: Duration = Duration::from_millis(100);
/// [`Writer::persist`] tries again after so long …
const RETRY: Duration = Duration::from_millis(200);
/// … and so often while commits succeed.
const ATTEMPTS: u32 = 50;

/// The database that this process serves.
pub(crate) struct Served {
    pub location: Location,
    pub guard: Guard,
    pub epoch: Epoch,
    /// `None` on SQLite.
    pub node: Option<Node>,
}

/// The handle to the writing thread. Cheap to clone; the thread ends when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Writer {
    requests: mpsc::UnboundedSender<WriterRequest>,
    queued: Arc<AtomicUsize>,
    limit: usize,
    failing: watch::Receiver<bool>,
    timer: CommitTimer,
    poll_every: std::sync::mpsc::Sender<Duration>,
    bus_works: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread on `db`; `limit` jobs may be queued, 0 for any number.
    pub(crate) fn start(
        mut db: Db,
        database: Served,
        limit: usize,
        sink: Sink,
        refuse: Refuse,
    ) -> Result<Self, std::io::Error> {
        let (requests, queue) = mpsc::unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&queued);
        let (failing, is_failing) = watch::channel(false);
        let timer = CommitTimer::new();
        // A weak sender, which does not keep the thread alive.
        let waker = requests.downgrade();
        let wake = move || waker.upgrade().is_some_and(|requests| requests.send(WriterRequest::Background).is_ok());
        let Served { location, guard, epoch, node } = database;
        let (poll_every, intervals) = std::sync::mpsc::channel();
        let bus_works = node.as_ref().map(Node::bus_works).unwrap_or_default();
        if node.is_some() {
            poll(requests.downgrade(), intervals)?;
        }
        let tasks = BackgroundTasks::start(&mut db, &location, wake)?;
        let ledger = Ledger::new(refuse);
        let committer =
            Committer::new((db, node), (location, epoch), ledger, sink, Health::new(failing), timer.clone(), tasks);
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            thread::run(committer, queue, &counter);
            drop(guard);
        })?;
        Ok(Self { requests, queued, limit, failing: is_failing, timer, poll_every, bus_works })
    }

    /// True from a failed commit until one succeeds.
    pub(crate) fn is_failing(&self) -> bool {
        *self.failing.borrow()
    }

    /// True while commits fail, or one takes long: background changes are then better kept by their producers.
    pub(crate) fn is_degraded(&self) -> bool {
        self.is_failing() || self.timer.exceeds(SLOW_COMMIT)
    }

    /// Returns once commits succeed.
    pub(crate) async fn recovered(&self) {
        // An error means that the thread has ended, at the shutdown.
        let _ = self.failing.clone().wait_for(|failing| !*failing).await;
    }

    /// Whether commits succeed, and those of other nodes until now are released; without a recent one a probe is committed. A slow commit counts as successful until it has
    /// taken for seconds.
    pub(crate) async fn is_healthy(&self) -> bool {
        if self.is_failing() {
            return false;
        }
        let (reply, succeeds) = oneshot::channel();
        let _ = self.requests.send(WriterRequest::Check(reply));
        match timeout(CHECK, succeeds).await {
            Ok(succeeds) => succeeds.unwrap_or(false),
            Err(_) => !self.is_failing() && !self.timer.exceeds(STALLED),
        }
    }

    pub(crate) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.limit > 0 && self.queued() >= self.limit
    }

    /// A job that stores a message. Messages are stored, and answered, in the order in which they are enqueued, refused ones
    /// too. With a full queue it is to be refused as `busy`, but in its turn, since its key may be known; such a job costs
    /// nothing and is bounded by what a connection may have in flight. The owner of the slot may refuse it earlier.
    pub(crate) fn post(&self, mut posting: Posting, mut requester: Requester) -> (Job, Option<ReplySlot>) {
        let mut slot = None;
        if self.is_full() {
            posting.refused = Some(Refusal::Busy);
            let busy = ReplySlot::new(requester);
            (requester, slot) = (Requester::Shared(busy.clone()), Some(busy));
        }
        (self.job(Work::Post(posting), requester), slot)
    }

    pub(crate) fn mark(&self, user: UserId, session: SessionId, mark: Mark, requester: Requester) -> Job {
        self.job(Work::Mark { user, session, mark }, requester)
    }

    pub(crate) fn enqueue(&self, jobs: Vec<Job>) {
        // Without a thread, at the shutdown, callers see their channel close and connections are being closed.
        let _ = self.requests.send(WriterRequest::Run(jobs));
    }

    /// Runs `task`, which touches nothing but `touches`, in the next transaction, rolled back as a whole if it is refused; again where the transaction could not be
    /// committed and has left nothing behind. Fails also with `busy` for a full queue,
    /// `unavailable` where the commit failed and left nothing behind, and `unknown` where the outcome is unknown.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        touches: Touches,
        task: impl FnMut(&mut Db, Time) -> Result<(T, Vec<CommitOutput>), Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        if self.is_full() {
            return Err(Refusal::Busy);
        }
        let (caller, reply) = oneshot::channel();
        self.push(Work::Change(Box::new(Task { task, result: Err(Refusal::Unavailable), caller }), touches));
        reply.await.unwrap_or(Err(Refusal::Unknown))
    }

    /// Runs `task` like `run`, and again where it was not refused but could not be committed. For idempotent changes of the
    /// server's own. Fails with `unavailable` where it fails time and again while other commits succeed.
    pub(crate) async fn persist<T: Send + 'static>(
        &self,
        touches: impl Fn() -> Touches,
        task: impl FnMut(&mut Db, Time) -> Result<(T, Vec<CommitOutput>), Error> + Clone + Send + 'static,
    ) -> Result<T, Refusal> {
        for _ in 0..ATTEMPTS {
            match self.run(touches(), task.clone()).await {
                Err(Refusal::Unavailable | Refusal::Unknown | Refusal::Busy) => {}
                done => return done,
            }
            sleep(RETRY).await;
            self.recovered().await;
        }
        self.run(touches(), task).await
    }

    /// Runs `task` in the next transaction, without a caller and without a limit. Where the commit fails, it is deferred until
    /// commits succeed, in the order of all such changes.
    pub(crate) fn submit(
        &self,
        touches: Touches,
        task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
    ) {
        self.submit_or(touches, task, Vec::new());
    }

    /// The same, but where the commit fails `fallback` is released in place of deferring the change.
    pub(crate) fn submit_or(
        &self,
        touches: Touches,
        task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
        fallback: Vec<CommitOutput>,
    ) {
        self.push(Work::Background(BackgroundChange::new(touches, task, fallback)));
    }

    /// Releases a delivery behind everything that is durable now.
    pub(crate) fn publish(&self, delivery: CommitOutput) {
        let _ = self.requests.send(WriterRequest::Publish(delivery));
    }

    /// Takes a commit of another node. It is released where it is the next one; else the outbox is read.
    pub(crate) fn receive(&self, entry: Entry) {
        let _ = self.requests.send(WriterRequest::Receive(entry));
    }

    /// Reads what other nodes have committed.
    pub(crate) fn poll_now(&self) {
        let _ = self.requests.send(WriterRequest::Poll);
    }

    /// Whether commits of other nodes come by the bus.
    pub(crate) fn set_bus_works(&self, works: bool) {
        self.bus_works.store(works, Ordering::Relaxed);
    }

    /// The commits of other nodes are read now, and from then on this often.
    pub(crate) fn poll_every(&self, interval: Duration) {
        // Fails on SQLite, where nothing polls.
        let _ = self.poll_every.send(interval);
    }

    /// Waits until everything requested before is durable and released.
    pub(crate) async fn drain(&self) {
        let (reply, done) = oneshot::channel();
        if self.requests.send(WriterRequest::Fence(reply)).is_ok() {
            let _ = done.await;
        }
    }

    /// The same, and truncates the write-ahead log, unless another process reads it.
    pub(crate) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.requests.send(WriterRequest::Close(reply)).is_ok() {
            let _ = done.await;
        }
    }

    fn push(&self, work: Work) {
        self.enqueue(vec![self.job(work, Requester::NoOne)]);
    }

    fn job(&self, work: Work, requester: Requester) -> Job {
        self.queued.fetch_add(1, Ordering::Relaxed);
        Job { work, requester, held_since: None }
    }
}

/// Has the writer read what other nodes have committed, until it ends. A new interval counts at once, and begins with a read.
fn poll(
    requests: mpsc::WeakUnboundedSender<WriterRequest>,
    intervals: std::sync::mpsc::Receiver<Duration>,
) -> Result<(), std::io::Error> {
    let mut interval = POLL;
    let polling = move || {
        while requests.upgrade().is_some_and(|requests| requests.send(WriterRequest::Poll).is_ok()) {
            match intervals.recv_timeout(interval) {
                Ok(other) => interval = other,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    std::thread::Builder::new().name("poll".to_owned()).spawn(polling).map(drop)
}

struct Task<F, T> {
    task: F,
    /// Of the last run.
    result: Result<T, Refusal>,
    caller: oneshot::Sender<Result<T, Refusal>>,
}

impl<F, T> Change for Task<F, T>
where
    F: FnMut(&mut Db, Time) -> Result<(T, Vec<CommitOutput>), Error> + Send,
    T: Send + 'static,
{
    fn run(&mut self, db: &mut Db, now: Time) -> Result<Vec<CommitOutput>, diesel::result::Error> {
        let (result, outputs) = match db.transaction(|db| (self.task)(db, now)) {
            Ok((value, outputs)) => (Ok(value), Ok(outputs)),
            Err(Error::Refused(refusal)) => (Err(refusal), Ok(Vec::new())),
            Err(Error::Database(error)) => (Err(Refusal::Unavailable), Err(error)),
        };
        self.result = result;
        outputs
    }

    fn answer(self: Box<Self>, outcome: CommitOutcome) {
        let Self { result, caller, .. } = *self;
        let _ = caller.send(outcome.reply(result));
    }

    fn refuse(self: Box<Self>, refusal: Refusal) {
        let _ = self.caller.send(Err(refusal));
    }
}
