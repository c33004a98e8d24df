//! What an operator's command asks of the running server: carried out, and answered.

use super::endings;
use crate::domain::{Delivery, Refusal, Time, UserKind};
use crate::security_log;
use crate::store::requests::{self, Action, Outcome, Request, RequestRow};
use crate::store::{self, Db, Error, credentials, users};

/// Carries out pending requests in the order in which they were made, and deletes old ones. Gives the events.
///
/// # Errors
/// Those of the database; nothing is carried out then.
pub(crate) fn carry_out_all(db: &mut Db, now: Time) -> Result<Vec<Delivery>, Error> {
    requests::delete_old(db, now)?;
    let mut out = Vec::new();
    for row in requests::pending(db)? {
        let id = row.id;
        let outcome = answer(db, row, now, &mut out)?;
        requests::set_answer(db, id, &outcome)?;
    }
    Ok(out)
}

fn answer(db: &mut Db, row: RequestRow, now: Time, out: &mut Vec<Delivery>) -> Result<Outcome, Error> {
    if !row.is_fresh(now) {
        return Ok(Err("unavailable The command that asked for this is no longer waiting".to_owned()));
    }
    let (action, username) = (row.action.clone(), row.username.clone());
    let request = row.parse().map_err(Error::from);
    match request.and_then(|request| store::savepoint(db, |db| carry_out(db, &request, now))) {
        Ok(events) => {
            let ended = events.len();
            security_log::note_internal(
                "operator",
                format_args!("user={username} action={action} logins_ended={ended}"),
            );
            out.extend(events);
            Ok(Ok(()))
        }
        Err(Error::Refused(refusal)) => Ok(Err(format!("{} {refusal}", refusal.code()))),
        Err(error) => Err(error),
    }
}

/// Carries out one request where no server runs.
///
/// # Errors
/// `username_taken`, `unknown_user`, `forbidden` for somebody who has no account.
pub(crate) fn carry_out_now(db: &mut Db, request: &Request, now: Time) -> Result<(), Error> {
    store::without_server(db, |db| carry_out(db, request, now)).map(drop)
}

fn carry_out(db: &mut Db, request: &Request, now: Time) -> Result<Vec<Delivery>, Error> {
    let Request { action, username, password, admin } = request;
    let password = || password.as_deref().ok_or(Refusal::Internal);
    if *action == Action::Add {
        let user = users::insert(db, username, password()?, now)?.id;
        users::set_admin(db, user, *admin)?;
        return Ok(Vec::new());
    }
    let user = users::named(db, username.as_str())?;
    if user.kind == UserKind::Guest {
        return Err(Refusal::Forbidden("This is a guest without an account.").into());
    }
    match action {
        Action::Disable => users::set_disabled(db, user.id, true)?,
        Action::ResetPassword => credentials::replace(db, user.id, password()?)?,
        Action::Enable | Action::Add => {
            users::set_disabled(db, user.id, false)?;
            return Ok(Vec::new());
        }
    }
    endings::logins(db, user.id, None, now)
}
