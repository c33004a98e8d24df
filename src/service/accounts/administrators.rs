//! Administrators of the contacts system: authenticated by name and password for each request, they end logins of others.

use super::AccountService;
use super::login::log_failure;
use crate::domain::{Refusal, User, Username};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::revocation;
use crate::store::{Db, Touches, tokens, users};

impl AccountService {
    pub(crate) async fn has_administrator(&self) -> Result<bool, Refusal> {
        self.store.read(users::has_admin).await
    }

    /// Authenticates an administrator. A user who is none counts as a failed login, whether the password is right or not.
    ///
    /// # Errors
    /// `unknown_user` and `wrong_password`, also for users who are no administrators; `too_many_attempts`; `busy`.
    pub(crate) async fn administrator(&self, username: &str, password: String, from: Address) -> Result<User, Refusal> {
        let name = Username::parse(username.trim()).ok();
        let key = name.as_ref().map(|name| Username::fold(name.as_str())).unwrap_or_default();
        let (accounts, share) = (self.clone(), (from, key.clone()));
        let comparing = async move {
            let (user, _) = accounts.clone().compare(name, password, share).await?;
            let id = user.id;
            if accounts.store.read(move |db| users::is_admin(db, id)).await? {
                security_log::note("admin_login", &from, format_args!("user={}", user.username));
                Ok(user)
            } else {
                log_failure(from, &user.username, "not_an_administrator");
                Err(Refusal::WrongPassword)
            }
        };
        self.attempt(key, from, comparing).await
    }

    /// Ends every login of a user. False where the user has none, or does not exist.
    ///
    /// # Errors
    /// `forbidden` where `admin` is no administrator any more.
    pub(crate) async fn end_logins(&self, admin: &User, username: String, from: Address) -> Result<bool, Refusal> {
        let (by, admin) = (admin.username.clone(), admin.id);
        let named = username.clone();
        let touches = Touches::found(move |db| {
            let user = users::by_name(db, &named)?;
            Ok(user.map_or_else(Touches::nothing, |user| revocation::touches(user.id, user.kind)))
        });
        let end = move |db: &mut Db, now| {
            if !users::is_admin(db, admin)? {
                return Err(Refusal::Forbidden("Only administrators can do this.").into());
            }
            let Some(user) = users::by_name(db, &username)? else { return Ok((None, Vec::new())) };
            let counted = tokens::has_any(db, user.id, now)?;
            let ended = counted.then_some(user.username);
            Ok((ended, revocation::logins(db, user.id, None, now)?))
        };
        let ended = self.store.writer().run(touches, end).await?;
        if let Some(user) = &ended {
            security_log::note("logins_ended", &from, format_args!("user={user} by={by}"));
        }
        Ok(ended.is_some())
    }
}
