//! Changes of accounts: made by the running server, so that connections end with their logins, or here where none runs.

use std::time::{Duration, Instant};

use super::Failure;
use crate::domain::Time;
use crate::service::operator_requests::apply_offline;
use crate::store::db::{ServedProbe, open_and_migrate, open_shared, require_migrated};
use crate::store::requests::{self, OperatorAction, OperatorRequest};
use crate::store::{Db, Location, StartError};

/// How long the server has to reply.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

pub(super) async fn change(request: &OperatorRequest, location: &Location) -> Result<(), Failure> {
    if request.action != OperatorAction::Add {
        // Only the first account may create the database.
        drop(open_shared(location)?);
    }
    loop {
        match open_and_migrate(location) {
            Ok((_guard, mut db, _)) => {
                apply_offline(&mut db, request, Time::now())?;
                break;
            }
            Err(StartError::InUse(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if submit(request, location).await? {
            break;
        }
    }
    let name = request.username.as_str();
    match request.action {
        OperatorAction::Add if request.admin => println!("{name} is now an administrator"),
        OperatorAction::Add => println!("{name} now has an account"),
        OperatorAction::Disable => println!("{name} is disabled and logged out everywhere"),
        OperatorAction::Enable => println!("{name} can log in again"),
        OperatorAction::ResetPassword => println!("{name} has a new password and is logged out everywhere"),
    }
    Ok(())
}

/// Requests the change from the running server. False where it stopped before it replied, and nothing was changed.
async fn submit(request: &OperatorRequest, location: &Location) -> Result<bool, Failure> {
    let mut probe = ServedProbe::open(location)?;
    let mut db = open_shared(location)?;
    require_migrated(location, &mut db)?;
    let id = requests::insert(&mut db, request, Time::now())?;
    let has_stopped = wait(&mut db, id, &mut probe).await;
    // The reply may have come at the last moment; a withdrawn request is never carried out.
    match (requests::withdraw(&mut db, id)?, has_stopped?) {
        (Some(Ok(())), _) => Ok(true),
        (Some(Err(text)), _) => Err(Failure::Answered(text)),
        (None, true) => Ok(false),
        (None, false) => Err(Failure::Silent(location.to_string())),
    }
}

/// Waits for the outcome. True where the server has stopped without one.
async fn wait(db: &mut Db, id: i64, probe: &mut ServedProbe) -> Result<bool, Failure> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if requests::outcome(db, id)?.is_some() {
            return Ok(false);
        }
        if probe.is_free() {
            return Ok(true);
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(false)
}
