//! Registration and login.

use super::password::Share;
use super::{AccountService, Secret, expiry, password_policy};
use crate::domain::{Identity, LoginMethod, Refusal, Time, TokenId, User, UserId, Username, reserved};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::revocation;
use crate::store::{Db, Error, Touches, budgets, credentials, tokens, users};

pub(crate) struct NewLogin {
    /// Sent to the client this once; only its hash is stored.
    pub secret: Secret,
    /// Extended by every use.
    pub expires_at: Time,
    pub identity: Identity,
}

impl AccountService {
    /// # Errors
    /// `invalid_request` naming the field, `username_taken`, `rate_limited`, `busy`.
    pub(crate) async fn register(&self, username: &str, password: String, from: Address) -> Result<User, Refusal> {
        let name = Username::parse(username)?;
        password_policy::check(&password, name.as_str(), self.config.limits.password_min)?;
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.check_rate(from)?;
        // Checked before the expensive hash; the unique index decides.
        let requested = name.clone();
        if self.store.read(move |db| users::is_taken(db, &requested)).await? {
            return Err(Refusal::UsernameTaken);
        }
        let share = (from, Username::fold(name.as_str()));
        let hash = self.hasher.hash(password, share).await?;
        let insert = move |db: &mut Db, now| Ok((users::insert(db, &name, &hash, now)?, Vec::new()));
        let made = self.store.writer().run(Touches::new_user(), insert).await?;
        security_log::note("account_created", &from, format_args!("user={}", made.username));
        Ok(made)
    }

    /// Counts a new account or guest of this address, once the name and password are known to be acceptable.
    pub(super) fn check_rate(&self, from: Address) -> Result<(), Refusal> {
        self.new_accounts.take(from).map_err(|wait| {
            security_log::throttled("new_accounts", &from);
            Refusal::RateLimited(wait)
        })
    }

    /// Logs in; spaces around the name are ignored. Failures are counted by account and address and by address. Those of an
    /// account from everywhere throttle only addresses that have not logged in to it lately: no one can lock another
    /// user out. Successes have a rate of their own, by account and address. A login beyond the user's number of tokens ends
    /// the one unused for longest.
    ///
    /// # Errors
    /// `unknown_user` and `wrong_password`, both for the price of one hash; `too_many_attempts`; `busy`.
    pub(crate) async fn login(
        &self,
        username: &str,
        password: String,
        device: Option<String>,
        from: Address,
    ) -> Result<NewLogin, Refusal> {
        if device.as_ref().is_some_and(|device| device.chars().count() > 100 || device.contains(char::is_control)) {
            return Err(Refusal::invalid("`device` must have at most 100 characters and no control characters"));
        }
        // Impossible names share one key, so that keys are bounded in length.
        let name = Username::parse(username.trim()).ok();
        let key = name.as_ref().map(|name| Username::fold(name.as_str())).unwrap_or_default();
        let pair = (key.clone(), from);
        let (accounts, rate) = (self.clone(), pair.clone());
        let comparing = async move {
            // Taken below; checked here to save the hash.
            accounts.logins.look(&rate).map_err(|wait| {
                security_log::throttled("logins", &rate.1);
                Refusal::TooManyAttempts(wait)
            })?;
            accounts.compare(name, password, (rate.1, rate.0)).await
        };
        let (user, stored) = self.attempt(key, from, comparing).await?;
        self.logins.take(pair).map_err(Refusal::TooManyAttempts)?;
        let login = self.issue(user, stored, device, from).await?;
        let Identity { user, token, .. } = &login.identity;
        security_log::note("login", &from, format_args!("user={} token={token}", user.username));
        Ok(login)
    }

    /// Runs `comparing` within the failure budgets, and counts a wrong password. It waits while attempts in flight could use up
    /// a budget. Once it has begun, its outcome counts even if the client disconnects.
    ///
    /// # Errors
    /// Those of `comparing`; `too_many_attempts` and `busy` instead of running it.
    pub(super) async fn attempt<T: 'static>(
        &self,
        name: String,
        from: Address,
        comparing: impl Future<Output = Result<T, Refusal>> + 'static,
    ) -> Result<T, Refusal> {
        let throttled = |limit| {
            move |refusal: Refusal| {
                if matches!(refusal, Refusal::TooManyAttempts(_)) {
                    security_log::throttled(limit, &from);
                }
                refusal
            }
        };
        let is_known = match self.failures.account_logins.look(&name) {
            Ok(()) => false,
            Err(wait) => {
                let (username, address) = (name.clone(), from.to_string());
                let find = move |db: &mut Db| budgets::is_known_address(db, &username, &address, Time::now());
                if !self.store.read(find).await? {
                    return Err(throttled("account_login_failures")(Refusal::TooManyAttempts(wait)));
                }
                true
            }
        };
        // The pair first: attempts that wait for their account take no place of the address.
        let account = self.failures.logins.begin((name.clone(), from)).await.map_err(throttled("login_failures"))?;
        let address = self.failures.address_logins.begin(from).await;
        let address = address.map_err(throttled("address_login_failures"))?;
        let accounts = self.clone();
        let settling = actix::spawn(async move {
            let outcome = comparing.await;
            let is_failure =
                matches!(outcome, Err(Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::WrongCurrentPassword));
            // The account's budget may be used up by now: then the outcome is not revealed.
            let budget = &accounts.failures.account_logins;
            let budget_left = match (is_known, is_failure) {
                (true, _) => Ok(()),
                (false, true) => budget.take(name),
                (false, false) => budget.look(&name),
            };
            if is_failure {
                account.failed();
                address.failed();
            } else if outcome.is_ok() {
                account.succeeded();
            }
            budget_left.map_err(Refusal::TooManyAttempts)?;
            outcome
        });
        settling.await.unwrap_or(Err(Refusal::Internal))
    }

    /// The user of this name and password, and the stored hash. An unknown name costs as much.
    pub(super) async fn compare(
        self,
        name: Option<Username>,
        password: String,
        share: Share,
    ) -> Result<(User, String), Refusal> {
        let known = match name {
            Some(name) => self.store.read(move |db| credentials::by_name(db, name.as_str())).await?,
            None => None,
        };
        let (user, stored) = known.map_or((None, None), |known| (Some(known.user), known.password));
        let from = share.0;
        let fits = self.fits(password, stored.clone(), share).await?;
        if !fits {
            let reason = match (&user, &stored) {
                (None, _) => "unknown_user",
                (Some(_), None) => "disabled",
                (Some(_), Some(_)) => "wrong_password",
            };
            log_failure(from, user.as_ref().map_or("-", |user| &user.username), reason);
        }
        match (user, stored) {
            (Some(user), Some(stored)) if fits => Ok((user, stored)),
            (None, _) if !self.config.uniform_login_errors => Err(Refusal::UnknownLogin),
            _ => Err(Refusal::WrongPassword),
        }
    }

    /// True where `password` is the one of the PHC string `stored`. Costs one hash in any case.
    pub(super) async fn fits(&self, password: String, stored: Option<String>, share: Share) -> Result<bool, Refusal> {
        // Longer than any account's password: hashing all of it would be wasted work.
        let tried = if password.chars().count() > 128 { String::new() } else { password };
        self.hasher.verify(tried, stored, share).await
    }

    async fn issue(
        &self,
        user: User,
        stored: String,
        device: Option<String>,
        from: Address,
    ) -> Result<NewLogin, Refusal> {
        let secret = Secret::random()?;
        let (hash, id, days, tokens) =
            (secret.hash(), user.id, self.config.limits.token_days, self.config.limits.user_tokens);
        let insert = move |db: &mut Db, now| {
            // The password may have been changed since the comparison, or the account disabled or deleted.
            if !credentials::still_match(db, id, &stored)? {
                return Err(Refusal::WrongPassword.into());
            }
            let login_method = (LoginMethod::Password, device.as_deref());
            let issued = token(db, id, &hash, login_method, now, days)?;
            budgets::note_address(db, id, &from.to_string(), now)?;
            Ok((issued, revocation::surplus(db, id, issued.0, tokens, now)?))
        };
        let (token, expires_at) = self.store.writer().run(Touches::users([id]), insert).await?;
        Ok(NewLogin { secret, expires_at, identity: Identity { user, token, login_method: LoginMethod::Password } })
    }
}

pub(super) fn log_failure(from: Address, username: &str, reason: &str) {
    security_log::note("login_failed", &from, format_args!("user={username} reason={reason}"));
}

/// Stores a login and returns its expiry.
pub(super) fn token(
    db: &mut Db,
    user: UserId,
    hash: &[u8],
    login_method: (LoginMethod, Option<&str>),
    now: Time,
    days: u32,
) -> Result<(TokenId, Time), Error> {
    let expires = expiry(now, days);
    Ok((tokens::insert(db, user, hash, login_method, now, expires)?, expires))
}
