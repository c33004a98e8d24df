//! What operators ask for by commands: carried out here, where tokens that end take their connections with them.

use super::password::{Memory, hash};
use super::{Accounts, weak};
use crate::domain::{Refusal, Time};
use crate::service::requests::carry_out_all;
use crate::store::requests;

/// What is kept of a password, made on this thread: for a command, which has nothing else to do.
///
/// # Errors
/// `invalid_request` for one that `username` may not have, `shortest` being the number of characters it needs.
pub(crate) fn kept_password(password: &str, username: &str, shortest: u32) -> Result<String, Refusal> {
    weak::check(password, username, shortest)?;
    hash(password.as_bytes(), &mut Memory::new()).map_err(|error| {
        log::error!("argon2: {error}");
        Refusal::Internal
    })
}

impl Accounts {
    /// Carries out what operators have asked for since the last time. Asking costs a tiny read.
    ///
    /// # Errors
    /// Those of the store; what was asked for is then carried out the next time.
    pub(crate) async fn obey_operators(&self) -> Result<(), Refusal> {
        if self.store.read(|db| requests::waiting(db, Time::now())).await? {
            self.store.writer().run(|db, now| Ok(((), carry_out_all(db, now)?))).await?;
        }
        Ok(())
    }
}
