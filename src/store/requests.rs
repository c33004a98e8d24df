//! The table `requests`: what an operator's command asks of the running server, and what became of it.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::{requests, users};
use super::{Db, Error, credentials, endings, users as accounts};
use crate::model::{Delivery, Refusal, Time, TokenId, UserKind, Username};
use crate::security;

/// A command waits for its answer no longer than half of this (milliseconds): what is older was given up by whoever asked,
/// and is not carried out behind their back.
const FRESH: i64 = 10_000;
/// Answers are kept so long (milliseconds) for whoever asked.
const KEPT: i64 = 60_000;
/// What the answer begins with where all is well.
const OK: &str = "ok";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
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
pub struct Request {
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
pub type Outcome = Result<(), String>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests)]
struct RequestRow {
    id: i64,
    /// A later Parlor may have written it, so it need not be one of [`ACTIONS`].
    action: String,
    username: String,
    password: Option<String>,
    admin: bool,
    at: Time,
}

/// Leaves a request for the running server.
///
/// # Errors
/// Those of the database.
pub fn leave(db: &mut Db, request: &Request, now: Time) -> Result<i64, Error> {
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
pub fn answer(db: &mut Db, id: i64) -> Result<Option<Outcome>, Error> {
    let answer: Option<Option<String>> = requests::table.find(id).select(requests::answer).one(db).optional()?;
    Ok(answer.flatten().map(outcome))
}

/// Takes a request back, or its answer away: in one step, so that either it was answered or it never will be.
///
/// # Errors
/// Those of the database.
pub fn take_back(db: &mut Db, id: i64) -> Result<Option<Outcome>, Error> {
    let gone: Option<Option<String>> =
        diesel::delete(requests::table.find(id)).returning(requests::answer).get_result(db).optional()?;
    Ok(gone.flatten().map(outcome))
}

/// True where something is to be carried out, or swept away.
///
/// # Errors
/// Those of the database.
pub fn waiting(db: &mut Db, now: Time) -> Result<bool, Error> {
    let some = requests::table.filter(requests::answer.is_null().or(requests::at.lt(now.0 - KEPT)));
    Ok(some.select(requests::id).one::<i64>(db).optional()?.is_some())
}

/// Carries out what waits, in the order asked, and forgets what is old.
///
/// # Errors
/// Those of the database; nothing is carried out then.
pub fn carry_out_all(db: &mut Db, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut told = Vec::new();
    diesel::delete(requests::table.filter(requests::at.lt(now.0 - KEPT))).execute(db)?;
    let waiting: Vec<RequestRow> = requests::table
        .filter(requests::answer.is_null())
        .order((requests::at, requests::id))
        .select(RequestRow::as_select())
        .load(db)?;
    for row in waiting {
        let id = row.id;
        let answer = if row.at < now.plus(-FRESH) {
            "unavailable The command that asked for this is no longer waiting".to_owned()
        } else {
            let (action, username) = (row.action.clone(), row.username.clone());
            match read(row).and_then(|request| db.transaction(|db| carry_out(db, &request, now))) {
                Ok(deliveries) => {
                    let ended = deliveries.len();
                    security::note_internal(
                        "operator",
                        format_args!("user={username} action={action} logins_ended={ended}"),
                    );
                    told.extend(deliveries);
                    OK.to_owned()
                }
                Err(Error::Refused(refusal)) => format!("{} {refusal}", refusal.code()),
                Err(error) => return Err(error),
            }
        };
        let nothing: Option<String> = None;
        // The hash has done its work; it need not lie here until the row is swept away.
        diesel::update(requests::table.find(id))
            .set((requests::answer.eq(answer), requests::password.eq(nothing)))
            .execute(db)?;
    }
    Ok(told)
}

/// Carries out one request where no server runs and nobody is to be told.
///
/// # Errors
/// Those of [`carry_out`].
pub fn carry_out_now(db: &mut Db, request: &Request, now: Time) -> Result<(), Error> {
    // A new database counts its people from the first one on.
    super::server::epoch(db)?;
    db.immediate_transaction(|db| carry_out(db, request, now)).map(drop)
}

/// Carries out one request; gives back what is to be told.
///
/// # Errors
/// `username_taken`, `unknown_user`, `forbidden` for somebody who has no account.
pub fn carry_out(db: &mut Db, request: &Request, now: Time) -> Result<Vec<Delivery>, Error> {
    let Request { action, username, password, admin } = request;
    let password = || password.as_deref().ok_or(Refusal::Internal);
    if *action == Action::Add {
        let user = accounts::insert(db, username, password()?, now)?.id;
        diesel::update(users::table.find(user)).set(users::admin.eq(admin)).execute(db)?;
        return Ok(Vec::new());
    }
    let user = accounts::named(db, username.as_str())?;
    if user.kind == UserKind::Guest {
        return Err(Refusal::Forbidden("This is a guest without an account.").into());
    }
    let state = |state: UserState| diesel::update(users::table.find(user.id)).set(users::state.eq(state));
    match action {
        Action::Disable => drop(state(UserState::Disabled).execute(db)?),
        Action::ResetPassword => credentials::replace(db, user.id, password()?)?,
        Action::Enable | Action::Add => {
            state(UserState::Active).execute(db)?;
            return Ok(Vec::new());
        }
    }
    endings::logins(db, user.id, None, now)
}

fn read(RequestRow { action, username, password, admin, .. }: RequestRow) -> Result<Request, Error> {
    let action = ACTIONS.iter().find(|(_, name)| *name == action);
    let action = action.ok_or_else(|| Refusal::invalid(format!("this server knows no action `{action:?}`")))?.0;
    Ok(Request { action, username: Username::parse(&username)?, password, admin })
}

fn outcome(answer: String) -> Outcome {
    match answer.split_once(' ') {
        _ if answer == OK => Ok(()),
        Some((_, words)) => Err(words.to_owned()),
        None => Err(answer),
    }
}
