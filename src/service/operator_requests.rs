//! Requests of operators' commands to the running server: carried out, and answered.

use super::revocation;
use crate::domain::{CommitOutput, Refusal, Time, UserKind, Username};
use crate::security_log;
use crate::store::requests::{self, OperatorAction, OperatorOutcome, OperatorRequest, OperatorRequestRow};
use crate::store::{self, Db, Error, Store, Touches, credentials, users};

/// Older requests (milliseconds) are not carried out: the command waits for its reply no longer than half of this.
const FRESH: i64 = 10_000;

/// Carries out pending requests in the running server, so that ended tokens close their connections. Without any this is one
/// small read; after an error they remain pending.
pub(crate) async fn run_pending(store: &Store) -> Result<(), Refusal> {
    if store.read(|db| requests::is_work_pending(db, Time::now())).await? {
        store.writer().run(Touches::wide(), |db, now| Ok(((), apply_pending(db, now)?))).await?;
    }
    Ok(())
}

/// Carries out pending requests in order, and deletes old ones. Returns the events.
fn apply_pending(db: &mut Db, now: Time) -> Result<Vec<CommitOutput>, Error> {
    requests::delete_old(db, now)?;
    let mut out = Vec::new();
    for row in requests::pending(db)? {
        let id = row.id;
        let outcome = answer(db, row, now, &mut out)?;
        requests::set_answer(db, id, &outcome)?;
    }
    Ok(out)
}

fn answer(
    db: &mut Db,
    row: OperatorRequestRow,
    now: Time,
    out: &mut Vec<CommitOutput>,
) -> Result<OperatorOutcome, Error> {
    if row.at < now.plus(-FRESH) {
        return Ok(Err("unavailable The command that asked for this is no longer waiting".to_owned()));
    }
    let (action, username) = (row.action.clone(), row.username.clone());
    let request = parse(row).map_err(Error::from);
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

fn parse(row: OperatorRequestRow) -> Result<OperatorRequest, Refusal> {
    let action = OperatorAction::parse(&row.action)
        .ok_or_else(|| Refusal::invalid(format!("this server knows no action `{}`", row.action)))?;
    Ok(OperatorRequest { action, username: Username::parse(&row.username)?, password: row.password, admin: row.admin })
}

/// Carries out one request where no server runs.
///
/// # Errors
/// `username_taken`, `unknown_user`, `forbidden` for a guest.
pub(crate) fn apply_offline(db: &mut Db, request: &OperatorRequest, now: Time) -> Result<(), Error> {
    store::without_server(db, |db| carry_out(db, request, now)).map(drop)
}

fn carry_out(db: &mut Db, request: &OperatorRequest, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let OperatorRequest { action, username, password, admin } = request;
    let password = || password.as_deref().ok_or(Refusal::Internal);
    if *action == OperatorAction::Add {
        let user = users::insert(db, username, password()?, now)?.id;
        users::set_admin(db, user, *admin)?;
        return Ok(Vec::new());
    }
    let user = users::require_named(db, username.as_str())?;
    if user.kind == UserKind::Guest {
        return Err(Refusal::Forbidden("This is a guest without an account.").into());
    }
    match action {
        OperatorAction::Disable => users::set_disabled(db, user.id, true)?,
        OperatorAction::ResetPassword => credentials::replace(db, user.id, password()?)?,
        OperatorAction::Enable | OperatorAction::Add => {
            users::set_disabled(db, user.id, false)?;
            return Ok(Vec::new());
        }
    }
    revocation::logins(db, user.id, None, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_action_is_refused_by_its_name() {
        let action = "promote".to_owned();
        let row =
            OperatorRequestRow { id: 1, at: Time(0), action, username: "avi".to_owned(), password: None, admin: false };
        let Err(refusal) = parse(row) else { panic!("it passes") };
        assert_eq!(refusal.to_string(), "this server knows no action `promote`");
    }
}
