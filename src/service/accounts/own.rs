//! What one may do about oneself: look, change, and go for good.

use super::{Accounts, weak};
use crate::domain::{Accepts, Identity, Refusal, Title, User, UserKind, Username};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::{endings, membership};
use crate::store::{credentials, users};

/// What to change; what is `None` stays.
#[derive(Default)]
pub(crate) struct Change {
    /// What people read.
    pub display_name: Option<String>,
    /// Who may open a direct session without asking.
    pub accepts: Option<Accepts>,
    /// Another password; ends the other logins. Needs the present one.
    pub password: Option<String>,
    /// The present password.
    pub current_password: Option<String>,
}

impl Accounts {
    /// This user's own settings.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn me(&self, who: &Identity) -> Result<(User, Accepts), Refusal> {
        let id = who.user.id;
        self.store.read(move |db| Ok((users::find(db, id)?, users::accepts(db, id)?))).await
    }

    /// Changes this user's own settings, all that is given or nothing.
    ///
    /// # Errors
    /// `invalid_request` naming the field; for a password also `wrong_password`, `too_many_attempts`, `busy`, and
    /// `forbidden` for a guest, who has none.
    pub(crate) async fn update(
        &self,
        who: &Identity,
        change: Change,
        from: Address,
    ) -> Result<(User, Accepts), Refusal> {
        let Change { display_name, accepts, password, current_password } = change;
        let name = display_name.map(|name| Title::parse("display_name", &name)).transpose()?;
        let password = match password {
            Some(password) => Some(self.another(who, password, current_password, from).await?),
            None => None,
        };
        let (id, present, changed) = (who.user.id, who.token, password.is_some());
        let update = self.store.writer().run(move |db, now| {
            users::check(db, id)?;
            let mut told = Vec::new();
            if let Some((kept, new)) = &password {
                still(credentials::hold(db, id, kept)?)?;
                credentials::replace(db, id, new)?;
                told = endings::logins(db, id, Some(present), now)?;
            }
            users::update(db, id, name.as_ref().map(Title::as_str), accepts)?;
            Ok(((users::find(db, id)?, users::accepts(db, id)?), told))
        });
        let updated = update.await?;
        if changed {
            security_log::note("password_changed", &from, format_args!("user={}", who.user.username));
        }
        Ok(updated)
    }

    /// Deletes the account, or ends a guest's visit, for which nothing is asked.
    ///
    /// # Errors
    /// `invalid_request` without the present password; `wrong_password`, `too_many_attempts`, `busy`.
    pub(crate) async fn delete(&self, who: &Identity, current: Option<String>, from: Address) -> Result<(), Refusal> {
        let id = who.user.id;
        let kept = if who.user.kind == UserKind::Guest { None } else { Some(self.prove(who, current, from).await?) };
        let end = self.store.writer().run(move |db, now| {
            users::check(db, id)?;
            if let Some(kept) = &kept {
                still(credentials::hold(db, id, kept)?)?;
            }
            Ok(((), membership::end_user(db, id, now)?))
        });
        end.await?;
        let event = if who.user.kind == UserKind::Guest { "guest_left" } else { "account_deleted" };
        security_log::note(event, &from, format_args!("user={}", who.user.username));
        Ok(())
    }

    /// What the present password is kept as, and what the new one will be.
    async fn another(
        &self,
        who: &Identity,
        password: String,
        current: Option<String>,
        from: Address,
    ) -> Result<(String, String), Refusal> {
        if who.user.kind == UserKind::Guest {
            return Err(Refusal::Forbidden("Guests have no password. Register an account to set one."));
        }
        weak::check(&password, &who.user.username, self.rules.password_min)?;
        let kept = self.prove(who, current, from).await?;
        let share = (from, Username::fold(&who.user.username));
        Ok((kept, self.hasher.hash(password, share).await?))
    }

    /// Whoever holds a token is asked for the password too before the account itself is at stake. Gives back what it is
    /// kept as. Wrong ones are counted like failed logins.
    async fn prove(&self, who: &Identity, current: Option<String>, from: Address) -> Result<String, Refusal> {
        let current = current.ok_or_else(|| Refusal::invalid("`current_password` is needed for this"))?;
        let (id, name) = (who.user.id, Username::fold(&who.user.username));
        let (accounts, share, username) = (self.clone(), (from, name.clone()), who.user.username.clone());
        let comparing = async move {
            let kept = accounts.store.read(move |db| credentials::of(db, id)).await?;
            let fits = accounts.fits(current, kept.clone(), share).await?;
            if !fits {
                security_log::note(
                    "login_failed",
                    &from,
                    format_args!("user={username} reason=wrong_current_password"),
                );
            }
            kept.filter(|_| fits).ok_or(Refusal::WrongCurrentPassword)
        };
        self.attempt(name, from, comparing).await
    }
}

/// The password was compared a moment ago, and may have been changed since.
const fn still(is: bool) -> Result<(), Refusal> {
    if is { Ok(()) } else { Err(Refusal::WrongCurrentPassword) }
}
