//! Coming in with a name and nothing else, for a visit that lasts as long as its token, or, by the lobby's login, as long as
//! one is there.

use super::login::{LoggedIn, token};
use super::{Accounts, Secret};
use crate::config::Switch;
use crate::domain::{Audience, Delivery, Door, Event, Identity, Refusal, Username, reserved};
use crate::rate_limit::Address;
use crate::store::users;

impl Accounts {
    /// Makes a guest and its one login.
    ///
    /// # Errors
    /// `forbidden` where there are no guests; `invalid_request`, `username_taken`, `rate_limited`, `busy`.
    pub(crate) async fn guest(&self, name: &str, from: Address) -> Result<LoggedIn, Refusal> {
        self.check_guests()?;
        self.visit(Username::parse_field("name", name)?, Door::Guests, from).await
    }

    /// Makes a guest of the lobby, who is missed if no connection follows.
    ///
    /// # Errors
    /// Those of [`Accounts::guest`].
    pub(crate) async fn lobby_guest(&self, name: &str, from: Address) -> Result<LoggedIn, Refusal> {
        self.check_guests()?;
        self.visit(Username::parse(name)?, Door::Lobby, from).await
    }

    /// A guest of the lobby has come by its door again: one who is not connected has time to come anew.
    pub(crate) fn lobby_guest_again(&self, who: &Identity) {
        let expected = Event::Expected { guest: who.user.id, door: Door::Lobby };
        self.store.writer().tell(Delivery::new(Audience::House, expected));
    }

    async fn visit(&self, name: Username, door: Door, from: Address) -> Result<LoggedIn, Refusal> {
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.check_rate(from)?;
        let secret = Secret::random()?;
        let (hash, days) = (secret.hash(), self.rules.token_days);
        let come = self.store.writer().run(move |db, now| {
            let user = users::insert_guest(db, &name, now)?;
            let (token, expires_at) = token(db, user.id, &hash, (door, None), now, days)?;
            let expected = Delivery::new(Audience::House, Event::Expected { guest: user.id, door });
            let told = door.is_stay().then_some(expected).into_iter().collect();
            Ok(((Identity { user, token, door }, expires_at), told))
        });
        let (identity, expires_at) = come.await?;
        Ok(LoggedIn { secret, expires_at, identity })
    }

    /// Passes where there are guests.
    pub(super) fn check_guests(&self) -> Result<(), Refusal> {
        match self.rules.guests {
            Switch::On => Ok(()),
            Switch::Off => Err(Refusal::Forbidden("Guests are not allowed on this server. Register an account.")),
        }
    }
}
