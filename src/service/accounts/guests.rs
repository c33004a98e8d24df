//! Guests: a name without a password, for a visit that ends with its token; a guest of the lobby dialect's login is transient
//! and ends too when not connected for too long.

use super::login::{NewLogin, token};
use super::{AccountService, Secret};
use crate::config::Switch;
use crate::domain::{CommitOutput, Effect, Identity, LoginMethod, Refusal, Username, reserved};
use crate::rate_limit::Address;
use crate::store::{Touches, users};

impl AccountService {
    /// Creates a guest and its only login.
    ///
    /// # Errors
    /// `forbidden` where there are no guests; `invalid_request`, `username_taken`, `rate_limited`, `busy`.
    pub(crate) async fn guest(&self, name: &str, from: Address) -> Result<NewLogin, Refusal> {
        self.check_guests()?;
        self.visit(Username::parse_field("name", name)?, LoginMethod::Guest, from).await
    }

    /// Like [`AccountService::guest`], but transient: the guest expires unless a connection follows.
    pub(crate) async fn lobby_guest(&self, name: &str, from: Address) -> Result<NewLogin, Refusal> {
        self.check_guests()?;
        self.visit(Username::parse(name)?, LoginMethod::LobbyGuest, from).await
    }

    /// Restarts the time that a transient guest has to connect, after logging in again.
    pub(crate) fn renew_lobby_guest(&self, identity: &Identity) {
        let expected = Effect::GuestExpected { guest: identity.user.id, login_method: LoginMethod::LobbyGuest };
        self.store.publish(CommitOutput::Effect(expected));
    }

    async fn visit(&self, name: Username, login_method: LoginMethod, from: Address) -> Result<NewLogin, Refusal> {
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.check_rate(from)?;
        let secret = Secret::random()?;
        let (hash, days) = (secret.hash(), self.config.limits.token_days);
        let guest = self.store.writer().run(Touches::new_user(), move |db, now| {
            let user = users::insert_guest(db, &name, now)?;
            let (token, expires_at) = token(db, user.id, &hash, (login_method, None), now, days)?;
            let expected = CommitOutput::Effect(Effect::GuestExpected { guest: user.id, login_method });
            let events = login_method.is_transient().then_some(expected).into_iter().collect();
            Ok(((Identity { user, token, login_method }, expires_at), events))
        });
        let (identity, expires_at) = guest.await?;
        Ok(NewLogin { secret, expires_at, identity })
    }

    pub(super) fn check_guests(&self) -> Result<(), Refusal> {
        match self.config.guests {
            Switch::On => Ok(()),
            Switch::Off => Err(Refusal::Forbidden("Guests are not allowed on this server. Register an account.")),
        }
    }
}
