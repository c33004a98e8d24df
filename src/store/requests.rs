//! The table `requests`: what an operator's command asks of the running server, and what became of it.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::requests;
use super::{Db, Error};
use crate::domain::{Refusal, Time, TokenId, Username};

/// A command waits for its answer no longer than half of this (milliseconds): what is older was given up by whoever asked,
/// and is not carried out behind their back.
const FRESH: i64 = 10_000;
/// Answers are kept so long (milliseconds) for whoever asked.
const KEPT: i64 = 60_000;
/// What the answer begins with where all is well.
const OK: &str = "ok";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Make an account.
    Add,
    /// End an account's logins and let nobody log in to it.
    Disable,
    /// Let it log in again.
    Enable,
    /// Give it another password and end its logins.
    ResetPassword,
}

/// Each with its name in the table.
const ACTIONS: [(Action, &str); 4] = [
    (Action::Add, "add"),
    (Action::Disable, "disable"),
    (Action::Enable, "enable"),
    (Action::ResetPassword, "reset-password"),
];

/// What an operator wants.
#[derive(Clone)]
pub(crate) struct Request {
    /// What.
    pub action: Action,
    /// Whose account.
    pub username: Username,
    /// For a new account and a new password: the PHC string.
    pub password: Option<String>,
    /// For a new account: an administrator's.
    pub admin: bool,
}

/// What became of a request: done, or why not.
pub(crate) type Outcome = Result<(), String>;

/// A request as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = requests)]
pub(crate) struct RequestRow {
    /// Its id.
    pub id: i64,
    /// Its action; a later Parlor may have written one that this one does not know.
    pub action: String,
    /// Whose account.
    pub username: String,
    password: Option<String>,
    admin: bool,
    at: Time,
}

/// Leaves a request for the running server.
///
/// # Errors
/// Those of the database.
pub(crate) fn leave(db: &mut Db, request: &Request, now: Time) -> Result<i64, Error> {
    let id = TokenId::random().0;
    let action = ACTIONS.iter().find(|(action, _)| *action == request.action).map_or("", |(_, name)| *name);
    diesel::insert_into(requests::table)
        .values((
            requests::id.eq(id),
            requests::action.eq(action),
            requests::username.eq(request.username.as_str()),
            requests::password.eq(request.password.as_deref()),
            requests::admin.eq(request.admin),
            requests::at.eq(now),
        ))
        .execute(db)?;
    Ok(id)
}

/// What became of a request; `None` while nobody has looked at it.
///
/// # Errors
/// Those of the database.
pub(crate) fn answer(db: &mut Db, id: i64) -> Result<Option<Outcome>, Error> {
    let answer: Option<Option<String>> = requests::table.find(id).select(requests::answer).one(db).optional()?;
    Ok(answer.flatten().map(outcome))
}

/// Takes a request back, or its answer away: in one step, so that either it was answered or it never will be.
///
/// # Errors
/// Those of the database.
pub(crate) fn take_back(db: &mut Db, id: i64) -> Result<Option<Outcome>, Error> {
    let gone: Option<Option<String>> =
        diesel::delete(requests::table.find(id)).returning(requests::answer).get_result(db).optional()?;
    Ok(gone.flatten().map(outcome))
}

/// True where something is to be carried out, or swept away.
///
/// # Errors
/// Those of the database.
pub(crate) fn waiting(db: &mut Db, now: Time) -> Result<bool, Error> {
    let some = requests::table.filter(requests::answer.is_null().or(requests::at.lt(now.plus(-KEPT))));
    Ok(some.select(requests::id).one::<i64>(db).optional()?.is_some())
}

/// Requests without an answer, in the order in which they were made.
pub(crate) fn pending(db: &mut Db) -> Result<Vec<RequestRow>, Error> {
    let open = requests::table.filter(requests::answer.is_null()).order((requests::at, requests::id));
    Ok(open.select(RequestRow::as_select()).load(db)?)
}

/// Deletes requests of which nobody awaits the answer any more.
pub(crate) fn delete_old(db: &mut Db, now: Time) -> Result<(), Error> {
    diesel::delete(requests::table.filter(requests::at.lt(now.plus(-KEPT)))).execute(db)?;
    Ok(())
}

/// Stores the answer. The hash has served its purpose and is deleted at once.
pub(crate) fn set_answer(db: &mut Db, id: i64, outcome: &Outcome) -> Result<(), Error> {
    let answer = match outcome {
        Ok(()) => OK,
        Err(answer) => answer,
    };
    diesel::update(requests::table.find(id))
        .set((requests::answer.eq(answer), requests::password.eq(None::<String>)))
        .execute(db)?;
    Ok(())
}

impl RequestRow {
    /// True where the command that made it may still be waiting.
    pub(crate) fn is_fresh(&self, now: Time) -> bool {
        self.at >= now.plus(-FRESH)
    }

    /// The request, as far as this server knows its action.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(crate) fn parse(self) -> Result<Request, Refusal> {
        let Self { action, username, password, admin, .. } = self;
        let action = ACTIONS.iter().find(|(_, name)| *name == action);
        let action = action.ok_or_else(|| Refusal::invalid(format!("this server knows no action `{action:?}`")))?.0;
        Ok(Request { action, username: Username::parse(&username)?, password, admin })
    }
}

fn outcome(answer: String) -> Outcome {
    match answer.split_once(' ') {
        _ if answer == OK => Ok(()),
        Some((_, words)) => Err(words.to_owned()),
        None => Err(answer),
    }
}
