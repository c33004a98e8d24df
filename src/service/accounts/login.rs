//! Coming in: a new account, and a login for one.

use super::password::Share;
use super::{Accounts, Secret, expiry, weak};
use crate::domain::{Door, Identity, Refusal, Time, TokenId, User, UserId, Username, reserved};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::endings;
use crate::store::{Db, Error, budgets, credentials, tokens, users};

/// What a login gives.
pub(crate) struct LoggedIn {
    /// Told once.
    pub secret: Secret,
    /// The end, unless it is used before.
    pub expires_at: Time,
    /// Who.
    pub identity: Identity,
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// `invalid_request` naming the field, `username_taken`, `rate_limited`, `busy`.
    pub(crate) async fn register(&self, username: &str, password: String, from: Address) -> Result<User, Refusal> {
        let name = Username::parse(username)?;
        weak::check(&password, name.as_str(), self.rules.password_min)?;
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.check_rate(from)?;
        // Asked before the hash, which is the dear part; the unique index has the last word.
        let wanted = name.clone();
        if self.store.read(move |db| users::is_taken(db, &wanted)).await? {
            return Err(Refusal::UsernameTaken);
        }
        let share = (from, Username::fold(name.as_str()));
        let hash = self.hasher.hash(password, share).await?;
        let made =
            self.store.writer().run(move |db, now| Ok((users::insert(db, &name, &hash, now)?, Vec::new()))).await?;
        security_log::note("account_created", &from, format_args!("user={}", made.username));
        Ok(made)
    }

    /// Counts a new account or guest from this address.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) fn check_rate(&self, from: Address) -> Result<(), Refusal> {
        self.rules.new_accounts.take(from).map_err(|wait| {
            security_log::throttled("new_accounts", &from);
            Refusal::RateLimited(wait)
        })
    }

    /// Logs in; spaces around the name do not matter. Failures are counted by account and address and by address, never by account alone: that would let
    /// anyone lock anyone out. Successes have a rate of their own, by account and address. A login beyond the user's number
    /// of tokens ends the one unused for longest.
    ///
    /// # Errors
    /// `unknown_user` and `wrong_password`, both for the price of one hash; `too_many_attempts`; `busy`.
    pub(crate) async fn login(
        &self,
        username: &str,
        password: String,
        device: Option<String>,
        from: Address,
    ) -> Result<LoggedIn, Refusal> {
        if device.as_ref().is_some_and(|device| device.chars().count() > 100 || device.contains(char::is_control)) {
            return Err(Refusal::invalid("`device` must have at most 100 characters and no control characters"));
        }
        // What can be nobody's name shares one count: it must not become a key of any length.
        let name = Username::parse(username.trim()).ok();
        let key = name.as_ref().map(|name| Username::fold(name.as_str())).unwrap_or_default();
        let pair = (key.clone(), from);
        let (accounts, rate) = (self.clone(), pair.clone());
        let comparing = async move {
            // Looked at again below: this only spares the hash.
            accounts.rules.logins.look(&rate).map_err(|wait| {
                security_log::throttled("logins", &rate.1);
                Refusal::TooManyAttempts(wait)
            })?;
            accounts.compare(name, password, (rate.1, rate.0)).await
        };
        let (user, kept) = self.attempt(key, from, comparing).await?;
        self.rules.logins.take(pair).map_err(Refusal::TooManyAttempts)?;
        let login = self.issue(user, kept, device, from).await?;
        let Identity { user, token, .. } = &login.identity;
        security_log::note("login", &from, format_args!("user={} token={token}", user.username));
        Ok(login)
    }

    /// Lets a password be compared, and counts it where it was the wrong one. Where it is not yet known of others whether
    /// they were, and they might use up the budget, it waits for them. Once it has begun, its outcome counts even if the
    /// client goes.
    ///
    /// # Errors
    /// Those of `comparing`; `too_many_attempts` and `busy` instead of comparing.
    pub(super) async fn attempt<T: 'static>(
        &self,
        name: String,
        from: Address,
        comparing: impl Future<Output = Result<T, Refusal>> + 'static,
    ) -> Result<T, Refusal> {
        // The pair first: those who wait for their own account take no place of the address.
        let throttled = |limit| {
            move |refusal: Refusal| {
                if matches!(refusal, Refusal::TooManyAttempts(_)) {
                    security_log::throttled(limit, &from);
                }
                refusal
            }
        };
        let is_known = match self.rules.account_login_failures.look(&name) {
            Ok(()) => false,
            Err(wait) => {
                let (asked, address) = (name.clone(), from.to_string());
                let find = move |db: &mut Db| budgets::is_known_address(db, &asked, &address, Time::now());
                if !self.store.read(find).await? {
                    return Err(throttled("account_login_failures")(Refusal::TooManyAttempts(wait)));
                }
                true
            }
        };
        let account =
            self.rules.login_failures.begin((name.clone(), from)).await.map_err(throttled("login_failures"))?;
        let address = self.rules.address_login_failures.begin(from).await;
        let address = address.map_err(throttled("address_login_failures"))?;
        let accounts = self.clone();
        let settling = actix::spawn(async move {
            let answer = comparing.await;
            let is_failure =
                matches!(answer, Err(Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::WrongCurrentPassword));
            // Others may have used the account's budget up meanwhile: then nothing is said of the password.
            let budget = &accounts.rules.account_login_failures;
            let told = match (is_known, is_failure) {
                (true, _) => Ok(()),
                (false, true) => budget.take(name),
                (false, false) => budget.look(&name),
            };
            match &answer {
                Ok(_) => account.succeeded(),
                Err(Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::WrongCurrentPassword) => {
                    account.failed();
                    address.failed();
                }
                Err(_) => {}
            }
            told.map_err(Refusal::TooManyAttempts)?;
            answer
        });
        settling.await.unwrap_or(Err(Refusal::Internal))
    }

    /// The user of this name and password, and what the password was compared with.
    pub(super) async fn compare(
        self,
        name: Option<Username>,
        password: String,
        share: Share,
    ) -> Result<(User, String), Refusal> {
        let known = match name {
            Some(name) => self.store.read(move |db| credentials::named(db, name.as_str())).await?,
            None => None,
        };
        let (user, kept) = known.map_or((None, None), |known| (Some(known.user), known.password));
        let from = share.0;
        let fits = self.fits(password, kept.clone(), share).await?;
        if !fits {
            let reason = match (&user, &kept) {
                (None, _) => "unknown_user",
                (Some(_), None) => "disabled",
                (Some(_), Some(_)) => "wrong_password",
            };
            let name = user.as_ref().map_or("-", |user| user.username.as_str());
            security_log::note("login_failed", &from, format_args!("user={name} reason={reason}"));
        }
        match (user, kept) {
            (Some(user), Some(kept)) if fits => Ok((user, kept)),
            (None, _) if !self.rules.uniform_login_errors => Err(Refusal::UnknownLogin),
            _ => Err(Refusal::WrongPassword),
        }
    }

    /// True where `password` is the one of the PHC string `kept`; costs one hash whatever it is.
    pub(super) async fn fits(&self, password: String, kept: Option<String>, share: Share) -> Result<bool, Refusal> {
        // A password longer than any account's cannot match; hashing all of it would be work for nothing.
        let tried = if password.chars().count() > 128 { String::new() } else { password };
        self.hasher.verify(tried, kept, share).await
    }

    async fn issue(
        &self,
        user: User,
        kept: String,
        device: Option<String>,
        from: Address,
    ) -> Result<LoggedIn, Refusal> {
        let secret = Secret::random()?;
        let (hash, id, days, tokens) = (secret.hash(), user.id, self.rules.token_days, self.rules.user_tokens);
        let keep = move |db: &mut Db, now| {
            // It was compared a moment ago: a password that was changed meanwhile opens nothing, nor does an account that
            // was disabled or deleted.
            if !credentials::hold(db, id, &kept)? {
                return Err(Refusal::WrongPassword.into());
            }
            let door = (Door::Login, device.as_deref());
            let given = token(db, id, &hash, door, now, days)?;
            budgets::note_address(db, id, &from.to_string(), now)?;
            Ok((given, endings::surplus(db, id, given.0, tokens, now)?))
        };
        let (token, expires_at) = self.store.writer().run(keep).await?;
        Ok(LoggedIn { secret, expires_at, identity: Identity { user, token, door: Door::Login } })
    }
}

/// Keeps a login; says when it ends.
pub(super) fn token(
    db: &mut Db,
    user: UserId,
    hash: &[u8],
    door: (Door, Option<&str>),
    now: Time,
    days: u32,
) -> Result<(TokenId, Time), Error> {
    let expires = expiry(now, days);
    Ok((tokens::insert(db, user, hash, door, now, expires)?, expires))
}
