//! What the writer runs, and how requesters are answered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use diesel::Connection;
use tokio::sync::oneshot;

use super::posting::{Destination, OpenDirect, Posting};
use super::touches::Touches;
use crate::domain::{Answer, CommitOutput, ConnId, Mark, Refusal, RequestId, SessionId, Time, UserId};
use crate::store::{Db, Error};

/// Receives what a commit releases. Called on the writer's thread, so it must not block.
pub(crate) type Sink = Box<dyn Fn(Vec<CommitOutput>, Unanswered) + Send>;

/// Connections whose command has an unknown outcome. They are closed, so that the client reconnects and retries.
pub(crate) type Unanswered = Vec<ConnId>;

pub(crate) enum Requester {
    /// A connection, which gets the reply in order with its events.
    Connection(ConnId, Option<RequestId>),
    Caller(oneshot::Sender<Result<Answer, Refusal>>),
    /// A requester that is answered once, by the first who takes it out of the slot.
    Shared(ReplySlot),
    /// There is none, or the job answers by itself.
    NoOne,
}

/// A requester whose refusal is certain before the writer runs the job. Clones share it; the first to take it answers.
#[derive(Clone)]
pub(crate) struct ReplySlot(Arc<Mutex<Option<Requester>>>);

impl ReplySlot {
    pub(super) fn new(requester: Requester) -> Self {
        Self(Arc::new(Mutex::new(Some(requester))))
    }

    /// The requester; `None` once it was taken.
    pub(crate) fn take(&self) -> Option<Requester> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Requester {
    /// A requester that assumes the success of its mark.
    pub(super) const fn expects_no_reply(&self) -> bool {
        matches!(self, Self::Connection(_, None) | Self::NoOne)
    }

    pub(crate) const fn connection(&self) -> Option<ConnId> {
        match self {
            Self::Connection(connection, _) => Some(*connection),
            Self::Caller(_) | Self::Shared(_) | Self::NoOne => None,
        }
    }
}

pub(super) enum Work {
    Post(Posting),
    Mark { user: UserId, session: SessionId, mark: Mark },
    Change(Box<dyn Change>, Touches),
    Background(BackgroundChange),
}

pub(crate) struct Job {
    pub(super) work: Work,
    pub(super) requester: Requester,
    /// Since when its session has been locked.
    pub(super) held_since: Option<Instant>,
}

impl Job {
    /// True for a message that is not refused already.
    pub(super) const fn may_store_message(&self) -> bool {
        matches!(&self.work, Work::Post(Posting { refused: None, .. }))
    }

    /// The session of a message or mark, where it is known.
    pub(super) fn session(&self) -> Option<SessionId> {
        match &self.work {
            Work::Post(Posting { destination: Destination::Session(session), .. }) => *session,
            Work::Mark { session, .. } => Some(*session),
            _ => None,
        }
    }

    /// True where it touches more than a session that is known.
    pub(super) fn is_task(&self) -> bool {
        self.touches().is_some_and(|touches| !touches.is_nothing())
    }

    /// What it touches, where it is more than a message to a known session or a mark.
    pub(super) fn touches(&self) -> Option<&Touches> {
        match &self.work {
            Work::Post(Posting { destination: Destination::Direct(OpenDirect { touches, .. }), .. })
            | Work::Change(_, touches)
            | Work::Background(BackgroundChange { touches, .. }) => Some(touches),
            Work::Post(_) | Work::Mark { .. } => None,
        }
    }

    pub(super) fn touches_mut(&mut self) -> Option<&mut Touches> {
        match &mut self.work {
            Work::Post(Posting { destination: Destination::Direct(OpenDirect { touches, .. }), .. })
            | Work::Change(_, touches)
            | Work::Background(BackgroundChange { touches, .. }) => Some(touches),
            Work::Post(_) | Work::Mark { .. } => None,
        }
    }

    /// Every session that it locks, as far as they are known.
    pub(super) fn sessions(&self) -> impl Iterator<Item = SessionId> {
        let touched = self.touches().into_iter().flat_map(|touches| touches.locks()).flat_map(|locks| &locks.sessions);
        self.session().into_iter().chain(touched.copied())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitOutcome {
    Committed,
    /// It has left nothing behind, now or after a recovery.
    RolledBack,
    /// It is not visible, but a recovery after a crash may still find it.
    Unknown,
}

impl CommitOutcome {
    /// The reply to a job that had this result inside the transaction.
    pub(super) fn reply<T>(self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        match (self, result) {
            (Self::Committed, result) => result,
            (Self::RolledBack, _) => Err(Refusal::Unavailable),
            (Self::Unknown, result) => result.and(Err(Refusal::Unknown)),
        }
    }
}

pub(super) trait Change: Send {
    /// Runs it, again where an earlier attempt was rolled back; its outputs are released after the commit.
    fn run(&mut self, db: &mut Db, now: Time) -> Result<Vec<CommitOutput>, diesel::result::Error>;

    /// Answers the caller with the result of the last run, behind the outputs of the commit.
    fn answer(self: Box<Self>, outcome: CommitOutcome);

    fn refuse(self: Box<Self>, refusal: Refusal);
}

/// A caller outside the ordered stream of outputs, who is answered behind them.
pub(super) enum Caller {
    Change(Box<dyn Change>),
    Waiting(oneshot::Sender<Result<Answer, Refusal>>, Result<Answer, Refusal>),
}

impl Caller {
    pub(super) fn answer(self, outcome: CommitOutcome) {
        match self {
            Self::Change(change) => change.answer(outcome),
            Self::Waiting(caller, answer) => drop(caller.send(outcome.reply(answer))),
        }
    }
}

type Task = Box<dyn FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send>;

/// A change of the server's own, which may be run again.
pub(super) struct BackgroundChange {
    task: Task,
    touches: Touches,
    /// Released in place of deferring the change; empty for one that is deferred.
    pub(super) fallback: Vec<CommitOutput>,
}

impl BackgroundChange {
    /// A change that is repeated until it is committed or, with a `fallback`, given up for that.
    pub(super) fn new(
        touches: Touches,
        task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
        fallback: Vec<CommitOutput>,
    ) -> Self {
        Self { task: Box::new(task), touches, fallback }
    }

    pub(super) fn run(&mut self, db: &mut Db, now: Time) -> Result<Vec<CommitOutput>, diesel::result::Error> {
        match db.transaction(|db| (self.task)(db, now)) {
            Ok(deliveries) => Ok(deliveries),
            Err(Error::Database(error)) => Err(error),
            Err(Error::Refused(refusal)) => {
                log::error!("a background change was refused: {refusal}");
                Ok(Vec::new())
            }
        }
    }
}
