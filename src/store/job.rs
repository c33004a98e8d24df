//! A piece of work for the writer, who asked for it, and how they are answered.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection;
use tokio::sync::oneshot;

use super::append::Posting;
use super::{Db, Error};
use crate::domain::{Answer, ConnId, Delivery, Mark, Reference, Refusal, SessionId, Time, UserId};

/// Takes what a commit has let out. Called on the writer's thread, so it must only pass it on.
pub(crate) type Sink = Box<dyn Fn(Vec<Delivery>, Lost) + Send>;

/// Connections that wait for an answer which a failed commit does not give. They are closed, so that they ask again.
pub(crate) type Lost = Vec<ConnId>;

/// Who asked.
pub(crate) enum Origin {
    /// A connection, answered in its stream.
    Connection(ConnId, Option<Reference>),
    /// Somebody who waits.
    Caller(oneshot::Sender<Result<Answer, Refusal>>),
    /// Somebody who is answered by whoever gets to it first.
    Claimed(Claim),
    /// The server itself, or somebody whom the piece of work answers by itself.
    Nobody,
}

/// Somebody who waits for a refusal that is certain already. Clones share who it is; the first to take it answers.
#[derive(Clone)]
pub(crate) struct Claim(Arc<Mutex<Option<Origin>>>);

impl Claim {
    pub(super) fn new(origin: Origin) -> Self {
        Self(Arc::new(Mutex::new(Some(origin))))
    }

    /// Who waits; `None` where they have been answered.
    pub(crate) fn take(&self) -> Option<Origin> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Origin {
    /// The connection, if it is one.
    pub(crate) const fn connection(&self) -> Option<ConnId> {
        match self {
            Self::Connection(connection, _) => Some(*connection),
            Self::Caller(_) | Self::Claimed(_) | Self::Nobody => None,
        }
    }
}

pub(super) enum Work {
    Post(Posting),
    Mark { user: UserId, session: SessionId, mark: Mark },
    Change(Box<dyn Change>),
    Note(Note),
}

/// A piece of work and who asked for it.
pub(crate) struct Job {
    pub(super) work: Work,
    pub(super) origin: Origin,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is durable.
    Held,
    /// It left nothing behind, now or later.
    Undone,
    /// It is not seen, and a recovery after a crash may still find it.
    Unknown,
}

impl Fate {
    /// What somebody is answered whose piece gave this.
    pub(super) fn answer<T>(self, given: Result<T, Refusal>) -> Result<T, Refusal> {
        match (self, given) {
            (Self::Held, given) => given,
            (Self::Undone, _) => Err(Refusal::Unavailable),
            (Self::Unknown, given) => given.and(Err(Refusal::Unknown)),
        }
    }
}

/// Called with what became of the transaction.
pub(super) type After = Box<dyn FnOnce(Fate) + Send>;

/// A change that somebody waits for.
pub(super) trait Change: Send {
    /// Makes it; what is given is announced once the transaction holds. The second part answers whoever waits.
    fn run(self: Box<Self>, db: &mut Db, now: Time) -> (Result<Vec<Delivery>, diesel::result::Error>, After);

    /// Answers whoever waits without making it.
    fn refuse(self: Box<Self>, refusal: Refusal);
}

type Task = Box<dyn FnMut(&mut Db, Time) -> Result<Vec<Delivery>, Error> + Send>;

/// A change that nobody waits for. It may be run again.
pub(super) struct Note {
    task: Task,
    /// What is let out instead of keeping it; nothing where it is kept.
    pub(super) otherwise: Vec<Delivery>,
}

impl Note {
    /// A change that is repeated until it holds or, with `otherwise`, given up for that.
    pub(super) fn new(
        task: impl FnMut(&mut Db, Time) -> Result<Vec<Delivery>, Error> + Send + 'static,
        otherwise: Vec<Delivery>,
    ) -> Self {
        Self { task: Box::new(task), otherwise }
    }

    /// Makes it; what is given is announced once the transaction holds.
    pub(super) fn run(&mut self, db: &mut Db, now: Time) -> Result<Vec<Delivery>, diesel::result::Error> {
        match db.transaction(|db| (self.task)(db, now)) {
            Ok(told) => Ok(told),
            Err(Error::Database(error)) => Err(error),
            Err(Error::Refused(refusal)) => {
                log::error!("a change that nobody waits for was refused: {refusal}");
                Ok(Vec::new())
            }
        }
    }
}
