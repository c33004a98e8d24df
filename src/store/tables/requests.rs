//! The table `requests`: operators' requests to the running server, and their outcomes.

use crate::domain::{Time, TokenId, Username};
use crate::store::db::prelude::*;
use crate::store::db::schema::requests;

/// Replies are stored for this time (milliseconds).
const KEPT: i64 = 60_000;
const OK: &str = "ok";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperatorAction {
    Add,
    Disable,
    Enable,
    ResetPassword,
}

#[derive(Clone)]
pub(crate) struct OperatorRequest {
    pub action: OperatorAction,
    pub username: Username,
    /// For a new account and a new password: the PHC string.
    pub password: Option<String>,
    pub admin: bool,
}

/// The outcome of a request; the error code and message where it was refused.
pub(crate) type OperatorOutcome = Result<(), String>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests)]
pub(crate) struct OperatorRequestRow {
    pub id: i64,
    /// A later version may have written an unknown one.
    pub action: String,
    pub username: String,
    pub password: Option<String>,
    pub admin: bool,
    pub at: Time,
}

pub(crate) fn insert(db: &mut Db, request: &OperatorRequest, now: Time) -> Result<i64, Error> {
    let id = TokenId::random().0;
    diesel::insert_into(requests::table)
        .values((
            requests::id.eq(id),
            requests::action.eq(request.action.name()),
            requests::username.eq(request.username.as_str()),
            requests::password.eq(request.password.as_deref()),
            requests::admin.eq(request.admin),
            requests::at.eq(now),
        ))
        .execute(db)?;
    Ok(id)
}

/// The outcome of a request; `None` while it is pending.
pub(crate) fn outcome(db: &mut Db, id: i64) -> Result<Option<OperatorOutcome>, Error> {
    let answer: Option<Option<String>> = requests::table.find(id).select(requests::answer).maybe(db)?;
    Ok(answer.flatten().map(parse_outcome))
}

/// Deletes a request and gives its outcome, in one statement: a request without one is never carried out.
pub(crate) fn withdraw(db: &mut Db, id: i64) -> Result<Option<OperatorOutcome>, Error> {
    let answer: Option<Option<String>> =
        diesel::delete(requests::table.find(id)).returning(requests::answer).get_result(db).optional()?;
    Ok(answer.flatten().map(parse_outcome))
}

/// True where a request is pending or due for deletion.
pub(crate) fn is_work_pending(db: &mut Db, now: Time) -> Result<bool, Error> {
    let some = requests::table.filter(requests::answer.is_null().or(requests::at.lt(now.plus(-KEPT))));
    Ok(some.select(requests::id).maybe::<i64>(db)?.is_some())
}

/// Pending requests, oldest first. They are locked; those that are carried out or withdrawn at this moment are left out.
pub(crate) fn pending(db: &mut Db) -> Result<Vec<OperatorRequestRow>, Error> {
    let open = requests::table.filter(requests::answer.is_null()).order((requests::at, requests::id));
    Ok(match db {
        Db::Sqlite(db) => open.select(OperatorRequestRow::as_select()).load(db)?,
        Db::Postgres(db) => open.select(OperatorRequestRow::as_select()).for_update().skip_locked().load(db)?,
    })
}

pub(crate) fn delete_old(db: &mut Db, now: Time) -> Result<(), Error> {
    diesel::delete(requests::table.filter(requests::at.lt(now.plus(-KEPT)))).run(db)
}

/// Stores the outcome, and deletes the password hash.
pub(crate) fn set_answer(db: &mut Db, id: i64, outcome: &OperatorOutcome) -> Result<(), Error> {
    let answer = match outcome {
        Ok(()) => OK,
        Err(answer) => answer,
    };
    diesel::update(requests::table.find(id))
        .set((requests::answer.eq(answer), requests::password.eq(None::<String>)))
        .run(db)
}

impl OperatorAction {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::ResetPassword => "reset-password",
        }
    }

    /// `None` for an unknown name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Add, Self::Disable, Self::Enable, Self::ResetPassword].into_iter().find(|action| action.name() == name)
    }
}

fn parse_outcome(answer: String) -> OperatorOutcome {
    match answer.split_once(' ') {
        _ if answer == OK => Ok(()),
        Some((_, text)) => Err(text.to_owned()),
        None => Err(answer),
    }
}
