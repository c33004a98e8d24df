//! One transaction of the writer, with everything that was queued (group commit). A refused job leaves nothing behind; a
//! database error rolls all of them back.

use std::collections::VecDeque;

use diesel::Connection;
use diesel::result::Error as DieselError;

use super::append;
use super::deferred::DeferredWrites;
use super::job::{Caller, CommitOutcome, Job, Requester, Work};
use super::ledger::{Ledger, MovedMarks};
use super::locks;
use super::posting::{Destination, Posting};
use crate::domain::{
    Answer, Audience, CommitOutput, ConnId, Event, Mark, Receipt, Refusal, Reply, RequestId, SessionId, Time, UserId,
};
use crate::store::tables::sessions;
use crate::store::{Db, Error};

/// What a transaction releases once it is durable, and the jobs that ran in it, which are answered or deferred if it fails.
#[derive(Default)]
pub(super) struct Batch {
    /// In the order of the revisions.
    outputs: Vec<CommitOutput>,
    /// In the order in which they ran.
    done: Vec<DoneJob>,
    /// Jobs of sessions that another transaction has locked.
    held: Vec<Job>,
    is_reading_ahead: bool,
}

/// A job that ran in a transaction.
struct DoneJob {
    job: Job,
    /// `None` for one that answers by itself.
    answer: Option<Result<Answer, Refusal>>,
    /// The outputs before its reply.
    position: usize,
}

/// What is released in place of a failed transaction's outputs.
#[derive(Default)]
pub(super) struct FailedBatch {
    pub replies: Vec<CommitOutput>,
    /// Connections to be closed because the outcome of their commands is unknown.
    pub unanswered: Vec<ConnId>,
    /// Called last.
    pub callers: Vec<Caller>,
}

impl Batch {
    /// After the commit: the outputs, and the callers to be answered behind them.
    pub(super) fn committed(self) -> (Vec<CommitOutput>, Vec<Caller>) {
        let (mut outputs, mut callers) = (Vec::with_capacity(self.outputs.len() + self.done.len()), Vec::new());
        let (mut rest, mut released) = (self.outputs.into_iter(), 0);
        for DoneJob { job: Job { work, requester, .. }, answer, position } in self.done {
            outputs.extend(rest.by_ref().take(position - released));
            released = position;
            match (work, answer) {
                (Work::Change(change, _), _) => callers.push(Caller::Change(change)),
                (_, Some(answer)) => reply(requester, answer, &mut outputs, &mut callers),
                (_, None) => {}
            }
        }
        outputs.extend(rest);
        (outputs, callers)
    }

    /// What the jobs release, without the replies.
    pub(super) fn outputs(&self) -> &[CommitOutput] {
        &self.outputs
    }

    /// After an attempt that has left nothing behind: its jobs, to be run again before the `rest`.
    pub(super) fn into_jobs(self, mut rest: VecDeque<Job>) -> VecDeque<Job> {
        for job in self.done.into_iter().map(|done| done.job).chain(self.held).rev() {
            rest.push_front(job);
        }
        rest
    }

    /// The job that waited for a lock in vain; `None` where the sessions of all were to be locked.
    pub(super) fn take_locked(&mut self) -> Option<Job> {
        if self.is_reading_ahead { None } else { self.done.pop().map(|done| done.job) }
    }

    /// The jobs that did not run, since another transaction has locked their session.
    pub(super) fn take_held(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.held)
    }

    /// After a failure: replies to all requesters, those of the `rest`, which did not run, too. Changes of the server's own are
    /// deferred, unless `is_faulty`: then one of them has made the transaction fail, and would again.
    pub(super) fn failed(
        self,
        outcome: CommitOutcome,
        is_faulty: bool,
        rest: VecDeque<Job>,
        deferred: &mut DeferredWrites,
    ) -> FailedBatch {
        let mut failed = FailedBatch::default();
        for DoneJob { job: Job { work, requester, .. }, answer, .. } in self.done {
            match work {
                Work::Change(change, _) => failed.callers.push(Caller::Change(change)),
                Work::Background(change) if !is_faulty => failed.replies.extend(deferred.add(change)),
                Work::Background(_) => {}
                Work::Mark { user, session, mark } if requester.expects_no_reply() => {
                    if !is_faulty {
                        deferred.add_mark(user, session, mark);
                    }
                    failed.reply(requester, answer, CommitOutcome::Committed);
                }
                Work::Post(_) | Work::Mark { .. } => failed.reply(requester, answer, outcome),
            }
        }
        failed.replies.extend(refuse_all(self.held, &Refusal::Unavailable, deferred));
        failed.replies.extend(refuse_all(rest, &Refusal::Unavailable, deferred));
        failed
    }

    fn add(&mut self, job: Job, answer: Option<Result<Answer, Refusal>>) {
        self.done.push(DoneJob { job, answer, position: self.outputs.len() });
    }

    /// Adds a job with its answer. A refusal is an answer. A database error is not: SQLite may have rolled back more than the
    /// one statement, so the whole transaction must fail, and its requester is answered with all others.
    fn add_answered(&mut self, job: Job, answer: Result<Answer, Error>) -> Result<(), DieselError> {
        let (answer, failed) = match answer {
            Ok(answer) => (Ok(answer), Ok(())),
            Err(Error::Refused(refusal)) => (Err(refusal), Ok(())),
            Err(Error::Database(error)) => (Err(Refusal::Unavailable), Err(error)),
        };
        self.add(job, Some(answer));
        failed
    }
}

impl FailedBatch {
    fn reply(&mut self, requester: Requester, answer: Option<Result<Answer, Refusal>>, outcome: CommitOutcome) {
        let answer = answer.unwrap_or(Err(Refusal::Unavailable));
        let (requester, answer) = match requester {
            // Refused before the transaction ran, whatever its outcome.
            Requester::Shared(slot) => (slot.take().unwrap_or(Requester::NoOne), answer.and(Err(Refusal::Busy))),
            requester => (requester, outcome.reply(answer)),
        };
        match (requester, answer) {
            (Requester::Connection(connection, _), Err(Refusal::Unknown)) => self.unanswered.push(connection),
            (requester, answer) => reply(requester, answer, &mut self.replies, &mut self.callers),
        }
    }
}

/// Adds the reply: for a connection among its events, for a caller behind the commit.
fn reply(
    requester: Requester,
    answer: Result<Answer, Refusal>,
    outputs: &mut Vec<CommitOutput>,
    callers: &mut Vec<Caller>,
) {
    match requester {
        Requester::Connection(connection, request_id) => outputs.push(reply_to(connection, request_id, answer)),
        Requester::Caller(caller) => callers.push(Caller::Waiting(caller, answer)),
        Requester::Shared(slot) => {
            if let Some(requester) = slot.take() {
                reply(requester, answer, outputs, callers);
            }
        }
        Requester::NoOne => {}
    }
}

/// Refuses jobs that did not run, and defers the server's own. Gives the replies to connections.
pub(super) fn refuse_all(
    jobs: impl IntoIterator<Item = Job>,
    refusal: &Refusal,
    deferred: &mut DeferredWrites,
) -> Vec<CommitOutput> {
    let mut replies = Vec::new();
    for Job { work, requester, .. } in jobs {
        let requester = match requester {
            Requester::Shared(slot) => slot.take().unwrap_or(Requester::NoOne),
            requester => requester,
        };
        match (work, requester) {
            (Work::Mark { user, session, mark }, Requester::Connection(connection, None)) => {
                deferred.add_mark(user, session, mark);
                replies.push(reply_to(connection, None, Ok(Answer::Marked { read: 0, unread: 0 })));
            }
            (Work::Mark { user, session, mark }, Requester::NoOne | Requester::Shared(_)) => {
                deferred.add_mark(user, session, mark);
            }
            (Work::Background(change), _) => replies.extend(deferred.add(change)),
            (Work::Change(change, _), _) => change.refuse(refusal.clone()),
            (Work::Post(_) | Work::Mark { .. }, Requester::Connection(connection, request_id)) => {
                replies.push(reply_to(connection, request_id, Err(refusal.clone())));
            }
            (Work::Post(_) | Work::Mark { .. }, Requester::Caller(caller)) => {
                let _ = caller.send(Err(refusal.clone()));
            }
            (Work::Post(_), Requester::NoOne | Requester::Shared(_)) => {}
        }
    }
    replies
}

/// Runs `jobs` in order. Fails only with a database error; `batch` then has the jobs that ran, the failed one last, and `jobs`
/// those that did not.
pub(super) fn run(
    db: &mut Db,
    ledger: &mut Ledger,
    jobs: &mut VecDeque<Job>,
    now: Time,
    batch: &mut Batch,
) -> Result<(), DieselError> {
    batch.outputs.reserve(jobs.len() * 2);
    let mut ahead = ReadAhead::default();
    loop {
        ahead.fill(db, ledger, jobs, now, batch)?;
        let Some(mut job) = jobs.pop_front() else { break };
        match &mut job.work {
            Work::Post(posting) => {
                let out = &mut batch.outputs;
                let answer = match posting.destination {
                    // Nothing is written before the last refusal, so there is nothing to roll back.
                    Destination::Session(_) => append::post(db, ledger, posting, now, out),
                    Destination::Direct(_) => {
                        ahead.is_filled = false;
                        open_and_post(db, ledger, posting, now, out)
                    }
                };
                batch.add_answered(job, answer)?;
            }
            Work::Mark { user, session, mark } => {
                let mark = (*user, *session, *mark);
                let answer = move_mark(db, ledger, &mut batch.outputs, mark, &job.requester);
                batch.add_answered(job, answer)?;
            }
            Work::Change(change, _) => {
                ahead.is_filled = false;
                let outputs = flush(db, ledger).and_then(|()| change.run(db, now));
                batch.add(job, None);
                batch.outputs.extend(outputs?);
            }
            Work::Background(change) => {
                ahead.is_filled = false;
                let outputs = flush(db, ledger).and_then(|()| change.run(db, now));
                batch.add(job, None);
                batch.outputs.extend(outputs?);
            }
        }
    }
    ledger.close(db)
}

/// PostgreSQL: whether the ledger has what the next messages and marks need.
#[derive(Default)]
struct ReadAhead {
    /// Until another kind of change is run.
    is_filled: bool,
    /// Everything that the jobs touch is locked.
    has_locked: bool,
}

impl ReadAhead {
    /// Locks what all jobs touch, reads ahead where the next job needs it, and takes jobs out of `jobs` whose locks are not
    /// available.
    fn fill(
        &mut self,
        db: &mut Db,
        ledger: &mut Ledger,
        jobs: &mut VecDeque<Job>,
        now: Time,
        batch: &mut Batch,
    ) -> Result<(), DieselError> {
        if !db.is_postgres() || self.is_filled {
            return Ok(());
        }
        if !self.has_locked && jobs.iter().any(Job::is_task) {
            batch.is_reading_ahead = true;
            batch.held.extend(locks::acquire(db, jobs, now, ledger.skips_locked())?);
            batch.is_reading_ahead = false;
            self.has_locked = true;
        }
        if jobs.front().is_none_or(|job| job.session().is_none()) {
            return Ok(());
        }
        let count = jobs.iter().take_while(|job| job.session().is_some()).count();
        let all = if self.has_locked { count } else { jobs.len() };
        // What earlier jobs have changed is written before it is read.
        flush(db, ledger)?;
        batch.is_reading_ahead = true;
        let locked = ledger.prefetch(db, jobs.iter().take(all), jobs.iter().take(count))?;
        batch.is_reading_ahead = false;
        (self.is_filled, self.has_locked) = (true, true);
        if !locked.is_empty() {
            let is_locked = |job: &Job| job.session().is_some_and(|session| locked.contains(&session));
            let (held, others): (VecDeque<Job>, VecDeque<Job>) = jobs.drain(..).partition(is_locked);
            batch.held.extend(held);
            *jobs = others;
        }
        Ok(())
    }
}

/// Makes way for queries that read and write the rows cached in the ledger.
fn flush(db: &mut Db, ledger: &mut Ledger) -> Result<(), DieselError> {
    ledger.settle(db)?;
    ledger.clear();
    Ok(())
}

/// Stores a first message and the session that it opens both or not at all.
fn open_and_post(
    db: &mut Db,
    ledger: &mut Ledger,
    posting: &Posting,
    now: Time,
    out: &mut Vec<CommitOutput>,
) -> Result<Answer, Error> {
    flush(db, ledger)?;
    let before = out.len();
    let answer = db.transaction(|db| append::post(db, ledger, posting, now, out));
    if answer.is_err() {
        ledger.clear();
        out.truncate(before);
    }
    answer
}

fn move_mark(
    db: &mut Db,
    ledger: &mut Ledger,
    out: &mut Vec<CommitOutput>,
    (user, session, mark): (UserId, SessionId, Mark),
    requester: &Requester,
) -> Result<Answer, Error> {
    let (marks, moved) = ledger.mark(db, session, user, mark)?;
    if let Some(MovedMarks { username, audience }) = moved {
        let receipt = Receipt { username: username.to_string(), read: marks.read, received: marks.received };
        out.push(CommitOutput::event(audience, Event::Marked { session, receipt }).except(requester.connection()));
    }
    // Only REST replies with the number of unread messages.
    let counts = matches!(requester, Requester::Caller(_));
    if counts && db.is_postgres() {
        // Messages of this batch are counted, too.
        ledger.settle(db)?;
    }
    let unread = if counts { sessions::unread(db, session, marks.read)? } else { 0 };
    Ok(Answer::Marked { read: marks.read, unread })
}

fn reply_to(connection: ConnId, request_id: Option<RequestId>, outcome: Result<Answer, Refusal>) -> CommitOutput {
    CommitOutput::event(Audience::Connection(connection), Event::Reply(Reply { request_id, outcome }))
}
