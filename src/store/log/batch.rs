//! One transaction of the writer, with everything that was queued (group commit). A refused job leaves nothing behind; a
//! database error rolls all of them back.

use std::collections::VecDeque;

use diesel::Connection;
use diesel::result::Error as DieselError;
use tokio::sync::oneshot;

use super::append;
use super::deferred::DeferredWrites;
use super::health::is_outage;
use super::job::{BackgroundChange, CommitOutcome, Job, OnOutcome, ReplySlot, Requester, Work};
use super::ledger::{Ledger, MovedMarks};
use super::posting::{Destination, Posting};
use crate::domain::{
    Answer, Audience, CommitOutput, ConnId, Delivery, Event, Mark, Receipt, Refusal, Reply, RequestId, SessionId, Time,
    UserId,
};
use crate::store::tables::sessions;
use crate::store::{Db, Error};

/// What a transaction releases once it is durable, and what must be answered or deferred if it fails.
#[derive(Default)]
pub(super) struct Batch {
    /// In the order of the revisions.
    outputs: Vec<CommitOutput>,
    /// The indexes of the outputs that are replies to connections.
    replies: Vec<usize>,
    callers: Vec<OnOutcome>,
    /// Requesters that may have been answered already, with the reply and the index of the output that it precedes.
    shared: Vec<(usize, ReplySlot, Result<Answer, Refusal>)>,
    background: Vec<BackgroundChange>,
    /// Marks without a reply.
    pub marks: Vec<(UserId, SessionId, Mark)>,
}

/// What is released in place of a failed transaction's outputs.
#[derive(Default)]
pub(super) struct FailedBatch {
    pub replies: Vec<CommitOutput>,
    /// Connections to be closed because the outcome of their commands is unknown.
    pub unanswered: Vec<ConnId>,
    /// Called last.
    pub callers: Vec<OnOutcome>,
}

impl Batch {
    /// After the commit: the outputs, and the callers to be answered behind them.
    pub(super) fn committed(mut self) -> (Vec<CommitOutput>, Vec<OnOutcome>) {
        let mut outputs = Vec::with_capacity(self.outputs.len() + self.shared.len());
        let (mut rest, mut released) = (self.outputs.into_iter(), 0);
        for (index, slot, answer) in self.shared {
            outputs.extend(rest.by_ref().take(index - released));
            released = index;
            answer_slot(&slot, answer, &mut outputs, &mut self.callers);
        }
        outputs.extend(rest);
        (outputs, self.callers)
    }

    /// After a failure: replies to all requesters, those of the `rest`, which did not run, too. Changes of the server's own are
    /// deferred.
    pub(super) fn failed(
        mut self,
        outcome: CommitOutcome,
        rest: VecDeque<Job>,
        deferred: &mut DeferredWrites,
    ) -> FailedBatch {
        let mut failed = FailedBatch { callers: std::mem::take(&mut self.callers), ..FailedBatch::default() };
        for index in &self.replies {
            let Some(CommitOutput::Event(Delivery {
                to: Audience::Connection(connection),
                event: Event::Reply(Reply { request_id, outcome: result }),
                ..
            })) = self.outputs.get_mut(*index)
            else {
                continue;
            };
            let is_deferred = request_id.is_none() && matches!(result, Ok(Answer::Marked { .. }));
            let result = std::mem::replace(result, Ok(Answer::Done));
            match if is_deferred { result } else { outcome.reply(result) } {
                Err(Refusal::Unknown) => failed.unanswered.push(*connection),
                result => failed.replies.push(reply_to(*connection, request_id.take(), result)),
            }
        }
        for (_, slot, answer) in self.shared {
            answer_slot(&slot, answer.and(Err(Refusal::Busy)), &mut failed.replies, &mut failed.callers);
        }
        for (user, session, mark) in self.marks {
            deferred.add_mark(user, session, mark);
        }
        for change in self.background {
            failed.replies.extend(deferred.add(change));
        }
        failed.replies.extend(refuse_all(rest, deferred));
        failed
    }

    /// Adds the reply: for a connection among its events, for a caller behind the commit. A refusal is a reply. A database
    /// error is not: SQLite may have rolled back more than the one statement, so the whole transaction must fail, and its
    /// requester is answered with all others.
    fn reply(&mut self, requester: Requester, answer: Result<Answer, Error>) -> Result<(), DieselError> {
        let (answer, failed) = match answer {
            Ok(answer) => (Ok(answer), Ok(())),
            Err(Error::Refused(refusal)) => (Err(refusal), Ok(())),
            Err(Error::Database(error)) => (Err(Refusal::Unavailable), Err(error)),
        };
        match requester {
            Requester::Connection(connection, request_id) => {
                self.replies.push(self.outputs.len());
                self.outputs.push(reply_to(connection, request_id, answer));
            }
            Requester::Caller(caller) => self.callers.push(on_outcome(caller, answer)),
            Requester::Shared(slot) => self.shared.push((self.outputs.len(), slot, answer)),
            Requester::NoOne => {}
        }
        failed
    }
}

/// Refuses jobs that did not run, as `unavailable`, and defers the server's own. Gives the replies to connections.
pub(super) fn refuse_all(jobs: impl IntoIterator<Item = Job>, deferred: &mut DeferredWrites) -> Vec<CommitOutput> {
    let mut replies = Vec::new();
    for Job { work, requester } in jobs {
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
            (Work::Change(change), _) => change.refuse(Refusal::Unavailable),
            (Work::Post(_) | Work::Mark { .. }, Requester::Connection(connection, request_id)) => {
                replies.push(reply_to(connection, request_id, Err(Refusal::Unavailable)));
            }
            (Work::Post(_) | Work::Mark { .. }, Requester::Caller(caller)) => {
                let _ = caller.send(Err(Refusal::Unavailable));
            }
            (Work::Post(_), Requester::NoOne | Requester::Shared(_)) => {}
        }
    }
    replies
}

/// Runs `jobs` in order. Fails only with a database error; `batch` then has the requesters of the jobs that ran, and `jobs`
/// those that did not.
pub(super) fn run(
    db: &mut Db,
    ledger: &mut Ledger,
    jobs: &mut VecDeque<Job>,
    now: Time,
    batch: &mut Batch,
) -> Result<(), DieselError> {
    batch.outputs.reserve(jobs.len() * 2);
    while let Some(Job { work, requester }) = jobs.pop_front() {
        match work {
            Work::Post(posting) => {
                let out = &mut batch.outputs;
                let answer = match posting.destination {
                    // Nothing is written before the last refusal, so there is nothing to roll back.
                    Destination::Session(_) => append::post(db, ledger, &posting, now, out),
                    Destination::Direct(_) => open_and_post(db, ledger, &posting, now, out),
                };
                batch.reply(requester, answer)?;
            }
            Work::Mark { user, session, mark } => {
                let answer = move_mark(db, ledger, &mut batch.outputs, (user, session, mark), &requester);
                if matches!(requester, Requester::Connection(_, None) | Requester::NoOne) {
                    batch.marks.push((user, session, mark));
                }
                batch.reply(requester, answer)?;
            }
            Work::Change(change) => {
                if let Err(error) = flush(db, ledger) {
                    change.refuse(Refusal::Unavailable);
                    return Err(error);
                }
                let (deliveries, on_outcome) = change.run(db, now);
                batch.callers.push(on_outcome);
                batch.outputs.extend(deliveries?);
            }
            Work::Background(change) => run_background(db, ledger, change, now, batch)?,
        }
    }
    ledger.settle(db)
}

/// A change that fails by itself would fail again, and others with it, so it is not deferred.
fn run_background(
    db: &mut Db,
    ledger: &mut Ledger,
    mut change: BackgroundChange,
    now: Time,
    batch: &mut Batch,
) -> Result<(), DieselError> {
    let deliveries = flush(db, ledger).and_then(|()| change.run(db, now));
    match &deliveries {
        Err(error) if !is_outage(error) => log::error!("a background change is lost: {error}"),
        _ => batch.background.push(change),
    }
    batch.outputs.extend(deliveries?);
    Ok(())
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
    let unread = if counts { sessions::unread(db, session, marks.read)? } else { 0 };
    Ok(Answer::Marked { read: marks.read, unread })
}

fn answer_slot(
    slot: &ReplySlot,
    answer: Result<Answer, Refusal>,
    outputs: &mut Vec<CommitOutput>,
    callers: &mut Vec<OnOutcome>,
) {
    match slot.take() {
        Some(Requester::Connection(connection, request_id)) => outputs.push(reply_to(connection, request_id, answer)),
        Some(Requester::Caller(caller)) => callers.push(on_outcome(caller, answer)),
        _ => {}
    }
}

fn reply_to(connection: ConnId, request_id: Option<RequestId>, outcome: Result<Answer, Refusal>) -> CommitOutput {
    CommitOutput::event(Audience::Connection(connection), Event::Reply(Reply { request_id, outcome }))
}

fn on_outcome(caller: oneshot::Sender<Result<Answer, Refusal>>, answer: Result<Answer, Refusal>) -> OnOutcome {
    Box::new(move |outcome| drop(caller.send(outcome.reply(answer))))
}
