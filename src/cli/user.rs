//! Changing accounts: by the running server, so that connections end with their logins, or here where no server runs.

use std::time::{Duration, Instant};

use super::{Failure, place};
use crate::domain::Time;
use crate::service::requests::carry_out_now;
use crate::store::requests::{self, Action, Request};
use crate::store::{Db, Location, StartError, Watch, beside, open_telling, refuse_older};

/// The server has so long to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The answer is looked for so often.
const LOOK: Duration = Duration::from_millis(50);

/// Does it, and says what was done.
pub(super) async fn change(request: &Request, location: &Location) -> Result<(), Failure> {
    if request.action != Action::Add {
        // Only a first account may come before its database.
        drop(beside(location)?);
    }
    loop {
        match open_telling(location) {
            Ok((_guard, mut db, _)) => {
                carry_out_now(&mut db, request, Time::now())?;
                break;
            }
            Err(StartError::InUse(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if ask(request, location).await? {
            break;
        }
    }
    let name = request.username.as_str();
    match request.action {
        Action::Add if request.admin => println!("{name} is now an administrator"),
        Action::Add => println!("{name} now has an account"),
        Action::Disable => println!("{name} is disabled and logged out everywhere"),
        Action::Enable => println!("{name} can log in again"),
        Action::ResetPassword => println!("{name} has a new password and is logged out everywhere"),
    }
    Ok(())
}

/// Asks the running server. False: it stopped before it answered, and nothing was done.
async fn ask(request: &Request, location: &Location) -> Result<bool, Failure> {
    let watch = Watch::on(location)?;
    let mut db = beside(location)?;
    refuse_older(location, &mut db)?;
    let id = requests::leave(&mut db, request, Time::now())?;
    let waited = wait(&mut db, id, &watch).await;
    // It may have been answered at the last moment; once taken back it is never carried out.
    match (requests::take_back(&mut db, id)?, waited?) {
        (Some(Ok(())), _) => Ok(true),
        (Some(Err(words)), _) => Err(Failure::Answered(words)),
        (None, Wait::Alone) => Ok(false),
        (None, Wait::Answered | Wait::Over) => Err(Failure::Silent(place(location))),
    }
}

enum Wait {
    Answered,
    /// Nobody serves the database any more.
    Alone,
    /// Somebody does, and says nothing.
    Over,
}

async fn wait(db: &mut Db, id: i64, watch: &Watch) -> Result<Wait, Failure> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if requests::answer(db, id)?.is_some() {
            return Ok(Wait::Answered);
        }
        if watch.is_free() {
            return Ok(Wait::Alone);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(Wait::Over)
}
