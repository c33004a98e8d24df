//! Coming in: a new account, and a login for one.

use super::{Accounts, Secret, expiry};
use crate::limits::Address;
use crate::model::{Identity, Refusal, Time, TokenId, User, UserId, Username, reserved};
use crate::store::tokens::{self, Door};
use crate::store::{Db, Error, credentials, users};

/// What a login gives.
pub struct LoggedIn {
    /// Told once.
    pub secret: Secret,
    /// The end, unless it is used before.
    pub expires_at: Time,
    /// Who.
    pub identity: Identity,
}

/// 8 to 128 characters.
pub(super) fn check_password(password: &str) -> Result<(), Refusal> {
    if (8..=128).contains(&password.chars().take(129).count()) {
        Ok(())
    } else {
        Err(Refusal::invalid("`password` must have 8 to 128 characters"))
    }
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// `invalid_request` naming the field, `username_taken`, `rate_limited`, `busy`.
    pub async fn register(&self, username: &str, password: String, from: Address) -> Result<User, Refusal> {
        let name = Username::parse(username)?;
        check_password(&password)?;
        if reserved(&name) {
            return Err(Refusal::UsernameTaken);
        }
        self.rules.new_accounts.take(from).map_err(Refusal::RateLimited)?;
        // Asked before the hash, which is the dear part; the unique index has the last word.
        let wanted = name.clone();
        if self.store.read(move |db| users::is_taken(db, &wanted)).await? {
            return Err(Refusal::UsernameTaken);
        }
        let hash = self.hasher.hash(password).await?;
        self.store.writer().run(move |db, now| Ok((users::insert(db, &name, &hash, now)?, Vec::new()))).await
    }

    /// Logs in. Failures are counted by account and address and by address, never by account alone: that would let
    /// anyone lock anyone out.
    ///
    /// # Errors
    /// `unknown_user` and `wrong_password`, both for the price of one hash; `too_many_attempts`; `busy`.
    pub async fn login(
        &self,
        username: &str,
        password: String,
        device: Option<String>,
        from: Address,
    ) -> Result<LoggedIn, Refusal> {
        if device.as_ref().is_some_and(|device| device.chars().count() > 100) {
            return Err(Refusal::invalid("`device` must have at most 100 characters"));
        }
        // What can be nobody's name shares one count: it must not become a key of any length.
        let name = Username::parse(username).ok();
        let key = name.as_ref().map(|name| Username::fold(name.as_str())).unwrap_or_default();
        let (user, kept) = self.attempt(key, from, self.compare(name, password)).await?;
        self.issue(user, kept, device).await
    }

    /// Lets a password be compared, and counts it where it was the wrong one.
    ///
    /// # Errors
    /// Those of `comparing`; `too_many_attempts` instead of comparing.
    pub(super) async fn attempt<T>(
        &self,
        name: String,
        from: Address,
        comparing: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let pair = (name, from);
        // Counted before the comparison and given back after a good one: attempts at the same time count too.
        self.rules.address_login_failures.take(from).map_err(Refusal::TooManyAttempts)?;
        if let Err(wait) = self.rules.login_failures.take(pair.clone()) {
            self.rules.address_login_failures.give_back(&from);
            return Err(Refusal::TooManyAttempts(wait));
        }
        let answer = comparing.await;
        match &answer {
            Ok(_) => {
                self.rules.login_failures.clear(&pair);
                self.rules.address_login_failures.give_back(&from);
            }
            Err(Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::WrongCurrentPassword) => {}
            Err(_) => {
                self.rules.login_failures.give_back(&pair);
                self.rules.address_login_failures.give_back(&from);
            }
        }
        answer
    }

    /// The user of this name and password, and what the password was compared with.
    async fn compare(&self, name: Option<Username>, password: String) -> Result<(User, String), Refusal> {
        let known = match name {
            Some(name) => self.store.read(move |db| credentials::named(db, name.as_str())).await?,
            None => None,
        };
        let (user, kept) = known.map_or((None, None), |known| (Some(known.user), known.password));
        let fits = self.fits(password, kept.clone()).await?;
        match (user, kept) {
            (Some(user), Some(kept)) if fits => Ok((user, kept)),
            (None, _) if !self.rules.uniform_login_errors => Err(Refusal::UnknownLogin),
            _ => Err(Refusal::WrongPassword),
        }
    }

    /// True where `password` is the one of the PHC string `kept`; costs one hash whatever it is.
    pub(super) async fn fits(&self, password: String, kept: Option<String>) -> Result<bool, Refusal> {
        // A password longer than any account's cannot match; hashing all of it would be work for nothing.
        let tried = if password.chars().count() > 128 { String::new() } else { password };
        self.hasher.verify(tried, kept).await
    }

    async fn issue(&self, user: User, kept: String, device: Option<String>) -> Result<LoggedIn, Refusal> {
        let secret = Secret::random()?;
        let (hash, id, days) = (secret.hash(), user.id, self.rules.token_days);
        let keep = move |db: &mut Db, now| {
            // It was compared a moment ago: a password that was changed meanwhile opens nothing, nor does an account that
            // was disabled or deleted.
            if !credentials::hold(db, id, &kept)? {
                return Err(Refusal::WrongPassword.into());
            }
            let door = (Door::Login, device.as_deref());
            Ok((token(db, id, &hash, door, now, days)?, Vec::new()))
        };
        let (token, expires_at) = self.store.writer().run(keep).await?;
        Ok(LoggedIn { secret, expires_at, identity: Identity { user, token, room: None } })
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
