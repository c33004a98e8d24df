//! One transaction of the writer: everything that waited. A piece that is refused leaves nothing behind; a failure of the
//! database itself undoes them all.

use std::collections::VecDeque;

use diesel::Connection;
use tokio::sync::oneshot;

use super::append::{Ledger, Moved, Posting};
use super::health::is_outage;
use super::job::{After, Claim, Fate, Job, Note, Origin, Work};
use super::kept::Kept;
use super::{Db, Error};
use crate::domain::{
    Answer, Audience, ConnId, Delivery, Event, Mark, Receipt, Reference, Refusal, Reply, SessionId, Target, Time,
    UserId,
};

/// What a transaction lets out once it is durable, and what it has to give back if it is not.
#[derive(Default)]
pub(super) struct Outcome {
    /// In the order of the steps.
    deliveries: Vec<Delivery>,
    /// Which of the deliveries answer a message or a mark of a connection.
    answers: Vec<usize>,
    callers: Vec<After>,
    /// Whoever may have been answered already, with the answer and its place among the deliveries.
    claims: Vec<(usize, Claim, Result<Answer, Refusal>)>,
    notes: Vec<Note>,
    /// Marks that nobody is answered about.
    marks: Vec<(UserId, SessionId, Mark)>,
}

impl Outcome {
    /// Gives up marks that nobody is answered about: they, or what came with them, would fail again.
    pub(super) fn give_up_marks(&mut self) {
        self.marks.clear();
    }

    /// What is announced, and the callers who are then answered.
    pub(super) fn held(mut self) -> (Vec<Delivery>, Vec<After>) {
        for (place, claim, answer) in self.claims {
            match claim.take() {
                Some(Origin::Connection(connection, reference)) => {
                    if let Some(delivery) = self.deliveries.get_mut(place) {
                        *delivery = answer_to(connection, reference, answer);
                    }
                }
                Some(Origin::Caller(caller)) => self.callers.push(after(caller, answer)),
                _ => {}
            }
        }
        (self.deliveries, self.callers)
    }

    /// What those who wait are told of a transaction that did not hold; `rest` never began. Whatever nobody waits for goes
    /// to `kept`.
    pub(super) fn failed(mut self, fate: Fate, rest: VecDeque<Job>, kept: &mut Kept) -> Failed {
        let mut failed = Failed { callers: std::mem::take(&mut self.callers), ..Failed::default() };
        for answer in &self.answers {
            let Some(Delivery { to: Audience::Connection(connection), event: Event::Answered(reply), .. }) =
                self.deliveries.get_mut(*answer)
            else {
                continue;
            };
            let Reply { reference, outcome } = reply;
            let is_kept = reference.is_none() && matches!(outcome, Ok(Answer::Marked { .. }));
            let given = std::mem::replace(outcome, Ok(Answer::Done));
            match if is_kept { given } else { fate.answer(given) } {
                Err(Refusal::Unknown) => failed.lost.push(*connection),
                outcome => failed.told.push(answer_to(*connection, reference.take(), outcome)),
            }
        }
        for (_, claim, answer) in self.claims {
            match claim.take() {
                Some(Origin::Connection(connection, reference)) => {
                    failed.told.push(answer_to(connection, reference, answer.and(Err(Refusal::Busy))));
                }
                Some(Origin::Caller(caller)) => failed.callers.push(after(caller, answer.and(Err(Refusal::Busy)))),
                _ => {}
            }
        }
        for (user, session, mark) in self.marks {
            kept.keep_mark(user, session, mark);
        }
        for note in self.notes {
            failed.told.extend(kept.keep(note));
        }
        failed.told.extend(turn_away(rest, kept));
        failed
    }
}

/// What is let out instead of what a failed transaction would have.
#[derive(Default)]
pub(super) struct Failed {
    /// Answers.
    pub told: Vec<Delivery>,
    /// Connections that are to be closed because nobody knows what became of their pieces.
    pub lost: Vec<ConnId>,
    /// Callers who are then answered.
    pub callers: Vec<After>,
}

/// Refuses jobs that have not begun, as `unavailable`; whatever nobody waits for goes to `kept`. Gives what connections
/// are told.
pub(super) fn turn_away(jobs: impl IntoIterator<Item = Job>, kept: &mut Kept) -> Vec<Delivery> {
    let mut told = Vec::new();
    for Job { work, origin } in jobs {
        let origin = match origin {
            Origin::Claimed(claim) => claim.take().unwrap_or(Origin::Nobody),
            origin => origin,
        };
        match (work, origin) {
            (Work::Mark { user, session, mark }, Origin::Connection(connection, None)) => {
                kept.keep_mark(user, session, mark);
                let marked = Answer::Marked { read: 0, unread: 0 };
                told.push(answer_to(connection, None, Ok(marked)));
            }
            (Work::Mark { user, session, mark }, Origin::Nobody | Origin::Claimed(_)) => {
                kept.keep_mark(user, session, mark)
            }
            (Work::Note(note), _) => told.extend(kept.keep(note)),
            (Work::Change(change), _) => change.refuse(Refusal::Unavailable),
            (Work::Post(_) | Work::Mark { .. }, Origin::Connection(connection, reference)) => {
                told.push(answer_to(connection, reference, Err(Refusal::Unavailable)));
            }
            (Work::Post(_) | Work::Mark { .. }, Origin::Caller(caller)) => {
                let _ = caller.send(Err(Refusal::Unavailable));
            }
            (Work::Post(_), Origin::Nobody | Origin::Claimed(_)) => {}
        }
    }
    told
}

fn answer_to(connection: ConnId, reference: Option<Reference>, outcome: Result<Answer, Refusal>) -> Delivery {
    Delivery::new(Audience::Connection(connection), Event::Answered(Reply { reference, outcome }))
}

/// Runs `jobs` in order. Only a failure of the database itself gets out of here; `outcome` then still names who waits, and
/// `jobs` holds what has not begun.
pub(super) fn run(
    db: &mut Db,
    ledger: &mut Ledger,
    jobs: &mut VecDeque<Job>,
    now: Time,
    outcome: &mut Outcome,
) -> Result<(), diesel::result::Error> {
    outcome.deliveries.reserve(jobs.len() * 2);
    while let Some(Job { work, origin }) = jobs.pop_front() {
        match work {
            Work::Post(posting) => {
                let out = &mut outcome.deliveries;
                let answer = match posting.draft.target {
                    // Nothing is written before the last refusal, so there is nothing to undo.
                    Target::Session(_) => ledger.post(db, &posting, now, out),
                    Target::User(_) => open_and_post(db, ledger, &posting, now, out),
                };
                answered(outcome, origin, answer)?;
            }
            Work::Mark { user, session, mark } => {
                let wanted = matches!(origin, Origin::Caller(_));
                let out = &mut outcome.deliveries;
                let answer = moved(ledger, db, out, (user, session, mark), wanted, origin.connection());
                if matches!(origin, Origin::Connection(_, None) | Origin::Nobody) {
                    outcome.marks.push((user, session, mark));
                }
                answered(outcome, origin, answer)?;
            }
            Work::Change(change) => {
                if let Err(error) = forget(db, ledger) {
                    change.refuse(Refusal::Unavailable);
                    return Err(error);
                }
                let (told, after) = change.run(db, now);
                outcome.callers.push(after);
                outcome.deliveries.extend(told?);
            }
            Work::Note(note) => noted(db, ledger, note, now, outcome)?,
        }
    }
    ledger.settle(db).map_err(database)
}

/// Runs what nobody waits for. What fails by itself would fail again, and others with it, so it is not kept.
fn noted(
    db: &mut Db,
    ledger: &mut Ledger,
    mut note: Note,
    now: Time,
    outcome: &mut Outcome,
) -> Result<(), diesel::result::Error> {
    let told = forget(db, ledger).and_then(|()| note.run(db, now));
    match &told {
        Err(error) if !is_outage(error) => log::error!("a change that nobody waits for is lost: {error}"),
        _ => outcome.notes.push(note),
    }
    outcome.deliveries.extend(told?);
    Ok(())
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
) -> Result<Answer, Error> {
    forget(db, ledger)?;
    let before = out.len();
    let answer = db.transaction(|db| ledger.post(db, posting, now, out));
    if answer.is_err() {
        ledger.clear();
        out.truncate(before);
    }
    answer
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

/// Puts the answer where it belongs: in the stream where the event would be, or into the caller's hand. A refusal is an
/// answer. A failure of the database is not: SQLite may have undone more than the one statement, so the whole transaction
/// must go, and whoever asked is answered with all the others.
fn answered(outcome: &mut Outcome, origin: Origin, answer: Result<Answer, Error>) -> Result<(), diesel::result::Error> {
    let (answer, failed) = match answer {
        Ok(answer) => (Ok(answer), Ok(())),
        Err(Error::Refused(refusal)) => (Err(refusal), Ok(())),
        Err(Error::Database(error)) => (Err(Refusal::Unavailable), Err(error)),
    };
    match origin {
        Origin::Connection(connection, reference) => {
            outcome.answers.push(outcome.deliveries.len());
            outcome.deliveries.push(answer_to(connection, reference, answer));
        }
        Origin::Caller(caller) => outcome.callers.push(after(caller, answer)),
        Origin::Claimed(claim) => {
            outcome.claims.push((outcome.deliveries.len(), claim, answer));
            // Holds the place of the answer.
            outcome.deliveries.push(Delivery::new(Audience::House, Event::CaughtUp));
        }
        Origin::Nobody => {}
    }
    failed
}

fn after(caller: oneshot::Sender<Result<Answer, Refusal>>, answer: Result<Answer, Refusal>) -> After {
    Box::new(move |fate| drop(caller.send(fate.answer(answer))))
}

fn database(error: Error) -> diesel::result::Error {
    match error {
        Error::Database(error) => error,
        Error::Refused(_) => diesel::result::Error::RollbackTransaction,
    }
}
