//! A user's own profile: reading, changing and deleting it.

use super::login::log_failure;
use super::{AccountService, password_policy};
use crate::domain::{Accepts, Identity, Refusal, Title, User, UserKind, Username};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::{membership, revocation};
use crate::store::{Touches, credentials, users};

/// `None` leaves a setting as it is.
#[derive(Default)]
pub(crate) struct ProfileUpdate {
    pub display_name: Option<String>,
    pub accepts: Option<Accepts>,
    /// Ends the other logins; needs `current_password`.
    pub password: Option<String>,
    pub current_password: Option<String>,
}

impl AccountService {
    pub(crate) async fn me(&self, identity: &Identity) -> Result<(User, Accepts), Refusal> {
        let id = identity.user.id;
        self.store.read(move |db| Ok((users::find(db, id)?, users::accepts(db, id)?))).await
    }

    /// Changes all given settings or none.
    ///
    /// # Errors
    /// `invalid_request` naming the field; for a password also `wrong_password`, `too_many_attempts`, `busy`, and
    /// `forbidden` for a guest, who has none.
    pub(crate) async fn update(
        &self,
        identity: &Identity,
        change: ProfileUpdate,
        from: Address,
    ) -> Result<(User, Accepts), Refusal> {
        let ProfileUpdate { display_name, accepts, password, current_password } = change;
        let name = display_name.map(|name| Title::parse("display_name", &name)).transpose()?;
        let password = match password {
            Some(password) => Some(self.new_password(identity, password, current_password, from).await?),
            None => None,
        };
        let (id, current, changed) = (identity.user.id, identity.token, password.is_some());
        let update = self.store.writer().run(Touches::users([id]), move |db, now| {
            users::require_active(db, id)?;
            let mut out = Vec::new();
            if let Some((stored, new)) = &password {
                must_still_match(credentials::still_match(db, id, stored)?)?;
                credentials::replace(db, id, new)?;
                out = revocation::logins(db, id, Some(current), now)?;
            }
            users::update(db, id, name.as_ref().map(Title::as_str), accepts)?;
            Ok(((users::find(db, id)?, users::accepts(db, id)?), out))
        });
        let updated = update.await?;
        if changed {
            security_log::note("password_changed", &from, format_args!("user={}", identity.user.username));
        }
        Ok(updated)
    }

    /// Deletes an account, or ends a guest, which needs no password.
    ///
    /// # Errors
    /// `invalid_request` without the present password; `wrong_password`, `too_many_attempts`, `busy`.
    pub(crate) async fn delete(
        &self,
        identity: &Identity,
        current: Option<String>,
        from: Address,
    ) -> Result<(), Refusal> {
        let id = identity.user.id;
        let stored = if identity.user.kind == UserKind::Guest {
            None
        } else {
            Some(self.prove_password(identity, current, from).await?)
        };
        let end = self.store.writer().run(Touches::ending([id]), move |db, now| {
            users::require_active(db, id)?;
            if let Some(stored) = &stored {
                must_still_match(credentials::still_match(db, id, stored)?)?;
            }
            Ok(((), membership::end_user(db, id, now)?))
        });
        end.await?;
        let event = if identity.user.kind == UserKind::Guest { "guest_left" } else { "account_deleted" };
        security_log::note(event, &from, format_args!("user={}", identity.user.username));
        Ok(())
    }

    /// The stored hash of the current password, and the hash of the new one.
    async fn new_password(
        &self,
        identity: &Identity,
        password: String,
        current: Option<String>,
        from: Address,
    ) -> Result<(String, String), Refusal> {
        if identity.user.kind == UserKind::Guest {
            return Err(Refusal::Forbidden("Guests have no password. Register an account to set one."));
        }
        password_policy::check(&password, &identity.user.username, self.config.limits.password_min)?;
        let stored = self.prove_password(identity, current, from).await?;
        let share = (from, Username::fold(&identity.user.username));
        Ok((stored, self.hasher.hash(password, share).await?))
    }

    /// Requires the current password beside the token for changes to the account itself, and returns its stored hash. Wrong
    /// ones are counted like failed logins.
    async fn prove_password(
        &self,
        identity: &Identity,
        current: Option<String>,
        from: Address,
    ) -> Result<String, Refusal> {
        let current = current.ok_or_else(|| Refusal::invalid("`current_password` is needed for this"))?;
        let (id, name) = (identity.user.id, Username::fold(&identity.user.username));
        let (accounts, share, username) = (self.clone(), (from, name.clone()), identity.user.username.clone());
        let comparing = async move {
            let stored = accounts.store.read(move |db| credentials::password_of(db, id)).await?;
            let fits = accounts.fits(current, stored.clone(), share).await?;
            if !fits {
                log_failure(from, &username, "wrong_current_password");
            }
            stored.filter(|_| fits).ok_or(Refusal::WrongCurrentPassword)
        };
        self.attempt(name, from, comparing).await
    }
}

/// The password may have been changed since it was compared.
const fn must_still_match(matches: bool) -> Result<(), Refusal> {
    if matches { Ok(()) } else { Err(Refusal::WrongCurrentPassword) }
}
