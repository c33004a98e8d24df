//! One transaction of the writer: everything that waited. A piece that is refused leaves nothing behind; a failure of the
//! database itself undoes them all.

use diesel::Connection;

use super::append::{Ledger, Moved, Posting};
use super::writer::{Job, Origin, Work};
use super::{Db, Error};
use crate::model::{
    Answer, Audience, ConnId, Delivery, Event, Mark, Receipt, Refusal, Reply, SessionId, Target, Time, UserId,
};

/// What a transaction lets out once it is durable.
#[derive(Default)]
pub struct Outcome {
    /// In the order of the steps.
    pub deliveries: Vec<Delivery>,
    /// Who else waits, and what to tell them; called with whether the commit held.
    pub callers: Vec<Box<dyn FnOnce(bool) + Send>>,
    /// Whom to tell that the outcome is unknown if the commit does not answer.
    pub acting: Vec<ConnId>,
}

/// Runs `jobs` in order. Only a failure of the database itself gets out of here; `outcome` then still names who waits.
pub fn run(
    db: &mut Db,
    ledger: &mut Ledger,
    jobs: Vec<Job>,
    now: Time,
    outcome: &mut Outcome,
) -> Result<(), diesel::result::Error> {
    outcome.deliveries.reserve(jobs.len() * 2);
    outcome.acting = jobs.iter().filter_map(|job| job.origin.connection()).collect();
    for Job { work, origin } in jobs {
        match work {
            Work::Post(posting) => {
                let out = &mut outcome.deliveries;
                let answer = match posting.draft.target {
                    // Nothing is written before the last refusal, so there is nothing to undo.
                    Target::Session(_) => said(ledger.post(db, &posting, now, out))?,
                    Target::User(_) => open_and_post(db, ledger, &posting, now, out)?,
                };
                answered(outcome, origin, answer);
            }
            Work::Mark { user, session, mark } => {
                let wanted = matches!(origin, Origin::Caller(_));
                let out = &mut outcome.deliveries;
                let answer = moved(ledger, db, out, (user, session, mark), wanted, origin.connection());
                answered(outcome, origin, said(answer)?);
            }
            Work::Task(task) => {
                forget(db, ledger)?;
                let (deliveries, caller) = task(db, now)?;
                outcome.deliveries.extend(deliveries);
                outcome.callers.push(caller);
            }
        }
    }
    ledger.settle(db).map_err(database)
}

/// What follows reads and writes tables that the ledger speaks for.
fn forget(db: &mut Db, ledger: &mut Ledger) -> Result<(), diesel::result::Error> {
    ledger.settle(db).map_err(database)?;
    ledger.clear();
    Ok(())
}

/// A first message and the session it opens are kept together or not at all.
fn open_and_post(
    db: &mut Db,
    ledger: &mut Ledger,
    posting: &Posting,
    now: Time,
    out: &mut Vec<Delivery>,
) -> Result<Result<Answer, Refusal>, diesel::result::Error> {
    forget(db, ledger)?;
    let before = out.len();
    let answer = db.transaction(|db| ledger.post(db, posting, now, out));
    if answer.is_err() {
        ledger.clear();
        out.truncate(before);
    }
    said(answer)
}

/// A refusal is an answer. A failure of the database is not: SQLite may have undone more than the one statement, so the
/// whole transaction must go.
fn said(answer: Result<Answer, Error>) -> Result<Result<Answer, Refusal>, diesel::result::Error> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(Error::Database(error)) => Err(error),
    }
}

fn moved(
    ledger: &mut Ledger,
    db: &mut Db,
    out: &mut Vec<Delivery>,
    (user, session, mark): (UserId, SessionId, Mark),
    wanted: bool,
    acting: Option<ConnId>,
) -> Result<Answer, Error> {
    let (marks, moved) = ledger.mark(db, session, user, mark)?;
    if let Some(Moved { username, audience }) = moved {
        let receipt = Receipt { username: username.to_string(), read: marks.read, received: marks.received };
        let event = Event::Marked { session, receipt };
        out.push(Delivery::new(audience, event).except(acting));
    }
    let unread = if wanted { super::sessions::unread(db, session, marks.read)? } else { 0 };
    Ok(Answer::Marked { read: marks.read, unread })
}

/// Puts the answer where it belongs: in the stream where the event would be, or into the caller's hand.
fn answered(outcome: &mut Outcome, origin: Origin, answer: Result<Answer, Refusal>) {
    match origin {
        Origin::Connection(connection, reference) => {
            let event = Event::Answered(Reply { reference, outcome: answer });
            outcome.deliveries.push(Delivery::new(Audience::Connection(connection), event));
        }
        Origin::Caller(caller) => outcome.callers.push(Box::new(move |committed| {
            let _ = caller.send(if committed { answer } else { Err(Refusal::Unknown) });
        })),
    }
}

fn database(error: Error) -> diesel::result::Error {
    match error {
        Error::Database(error) => error,
        Error::Refused(_) => diesel::result::Error::RollbackTransaction,
    }
}
