//! Coming in with a name and nothing else, for a visit that lasts as long as its token.

use super::login::{LoggedIn, token};
use super::{Accounts, Secret};
use crate::config::Switch;
use crate::limits::Address;
use crate::model::{Identity, Refusal, Username, reserved};
use crate::store::tokens::Door;
use crate::store::users;

impl Accounts {
    /// Makes a guest and its one login.
    ///
    /// # Errors
    /// `forbidden` where there are no guests; `invalid_request`, `username_taken`, `rate_limited`, `busy`.
    pub async fn guest(&self, name: &str, from: Address) -> Result<LoggedIn, Refusal> {
        self.check_guests()?;
        let name = Username::parse_field("name", name)?;
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.rules.new_accounts.take(from).map_err(Refusal::RateLimited)?;
        let secret = Secret::random()?;
        let (hash, days) = (secret.hash(), self.rules.token_days);
        let come = self.store.writer().run(move |db, now| {
            let user = users::insert_guest(db, &name, now)?;
            let (token, expires_at) = token(db, user.id, &hash, (Door::Guests, None), now, days)?;
            Ok(((Identity { user, token, room: None }, expires_at), Vec::new()))
        });
        let (identity, expires_at) = come.await?;
        Ok(LoggedIn { secret, expires_at, identity })
    }

    /// Passes where there are guests.
    pub(super) fn check_guests(&self) -> Result<(), Refusal> {
        match self.rules.guests {
            Switch::On => Ok(()),
            Switch::Off => Err(Refusal::Forbidden("This server lets no guests in: register an account.")),
        }
    }
}
