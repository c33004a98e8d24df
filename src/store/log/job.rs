//! What the writer runs, and how requesters are answered.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection;
use tokio::sync::oneshot;

use super::posting::Posting;
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
    Change(Box<dyn Change>),
    Background(BackgroundChange),
}

pub(crate) struct Job {
    pub(super) work: Work,
    pub(super) requester: Requester,
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

pub(super) type OnOutcome = Box<dyn FnOnce(CommitOutcome) + Send>;

pub(super) trait Change: Send {
    /// Runs it; its deliveries are released after the commit, and the callback answers the caller.
    fn run(self: Box<Self>, db: &mut Db, now: Time) -> (Result<Vec<CommitOutput>, diesel::result::Error>, OnOutcome);

    fn refuse(self: Box<Self>, refusal: Refusal);
}

type Task = Box<dyn FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send>;

/// A change of the server's own, which may be run again.
pub(super) struct BackgroundChange {
    task: Task,
    /// Released in place of deferring the change; empty for one that is deferred.
    pub(super) fallback: Vec<CommitOutput>,
}

impl BackgroundChange {
    /// A change that is repeated until it is committed or, with a `fallback`, given up for that.
    pub(super) fn new(
        task: impl FnMut(&mut Db, Time) -> Result<Vec<CommitOutput>, Error> + Send + 'static,
        fallback: Vec<CommitOutput>,
    ) -> Self {
        Self { task: Box::new(task), fallback }
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
