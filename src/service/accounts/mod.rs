//! Accounts and guests: registration, login, authentication, profiles, directory and blocks, deletion.

mod administrators;
mod directory;
mod fair_queue;
mod guests;
mod login;
mod password;
mod password_policy;
mod profile;
mod room_guests;
mod secret;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(crate) use directory::VisibleUser;
pub(crate) use login::NewLogin;
pub(crate) use password::{Hasher, hash_new_password};
pub(crate) use profile::ProfileUpdate;
pub(crate) use room_guests::RoomChoice;
pub(crate) use secret::Secret;

use crate::config::Config;
use crate::domain::{Identity, Page, Refusal, Time, Token, TokenId, TokenUse, UserId};
use crate::rate_limit::{Address, Rate, Throttle};
use crate::security_log;
use crate::service::failure_budgets::FailureBudgets;
use crate::service::{Listed, revocation};
use crate::store::tokens::TokenState;
use crate::store::{Db, Store, Touches, budgets, tokens};

/// Expired tokens that are ended in one transaction.
const SWEEP: usize = 100;
/// Milliseconds until a failed sweep is retried.
const RETRY: i64 = 1_000;

#[derive(Clone)]
pub(crate) struct AccountService {
    store: Store,
    hasher: Hasher,
    failures: FailureBudgets,
    config: Arc<Config>,
    /// Successful ones to an account from an address.
    logins: Arc<Throttle<(String, Address)>>,
    new_accounts: Arc<Throttle<Address>>,
    uses: Arc<TokenUses>,
}

#[derive(Default)]
struct TokenUses {
    pending: Mutex<BTreeSet<TokenId>>,
    /// Held by the task that stores them.
    storing: tokio::sync::Mutex<()>,
}

impl AccountService {
    /// # Errors
    /// Where the system gives no thread for hashing.
    pub(crate) fn new(store: Store, failures: FailureBudgets, config: Arc<Config>) -> std::io::Result<Self> {
        let limits = &config.limits;
        let logins = Rate::within(Duration::from_secs(600), limits.logins, limits.logins);
        let new_accounts = Rate::per_minute(limits.accounts_per_minute, limits.accounts_burst);
        Ok(Self {
            store,
            hasher: Hasher::new(config.hashes, config.hash_queue)?,
            failures,
            logins: Arc::new(Throttle::new(logins)),
            new_accounts: Arc::new(Throttle::new(new_accounts)),
            config,
            uses: Arc::default(),
        })
    }

    /// Authenticates a token. Stores its use, with address and client, at most once a minute.
    ///
    /// # Errors
    /// `unauthenticated` for a token that is unknown, ended or expired.
    pub(crate) async fn authenticate(&self, secret: &Secret, used: TokenUse) -> Result<Identity, Refusal> {
        let hash = secret.hash();
        let now = Time::now();
        let login = match self.store.read(move |db| tokens::find(db, &hash, now)).await? {
            TokenState::Valid(login) => login,
            TokenState::Expired(token) => {
                // Deleted, so that a clock that is set back cannot revive it.
                let touches = Touches::found(move |db| revocation::touches_of(db, token));
                let end = move |db: &mut Db, at| Ok(((), revocation::expired_one(db, token, now, at)?));
                if let Err(refusal) = self.store.writer().run(touches, end).await {
                    log::warn!("an expired token was not ended: {}", refusal.code());
                }
                return Err(Refusal::Unauthenticated);
            }
        };
        if login.stale {
            let (accounts, token) = (self.clone(), login.token);
            actix::spawn(async move { accounts.touch(vec![token]).await });
        }
        if login.stale || login.is_unplaced {
            self.place(login.user.id, login.token, used);
        }
        Ok(Identity { user: login.user, token: login.token, login_method: login.login_method })
    }

    /// Stores in the background where and by which client a token is used; skipped while nothing can be written.
    fn place(&self, user: UserId, token: TokenId, used: TokenUse) {
        let writer = self.store.writer();
        if !writer.is_degraded() {
            let touches = Touches::users([user]);
            writer.submit(touches, move |db, _| tokens::record_client(db, token, &used).map(|()| Vec::new()));
        }
    }

    /// Stores changed failure budgets in the background. While nothing can be written, changes accumulate.
    pub(crate) fn save_budgets(&self) {
        if self.store.writer().is_degraded() {
            return;
        }
        let changes = self.failures.changes();
        if !changes.is_empty() {
            let save = move |db: &mut Db, now| budgets::save(db, &changes, now).map(|()| Vec::new());
            self.store.writer().submit(Touches::budgets(), save);
        }
    }

    pub(crate) async fn restore_budgets(&self) -> Result<(), Refusal> {
        for saved in self.store.read(|db| budgets::load(db, Time::now())).await? {
            self.failures.restore(&saved);
        }
        Ok(())
    }

    /// Extends the expiry of tokens in use. While nothing can be written, they are kept and stored later.
    pub(crate) async fn touch(&self, tokens: Vec<TokenId>) {
        self.uses.pending.lock().unwrap_or_else(PoisonError::into_inner).extend(tokens);
        // The task that is storing, perhaps waiting for the disk, takes these along.
        let Ok(_alone) = self.uses.storing.try_lock() else { return };
        let days = self.config.limits.token_days;
        loop {
            let used = std::mem::take(&mut *self.uses.pending.lock().unwrap_or_else(PoisonError::into_inner));
            if used.is_empty() {
                return;
            }
            let used: Arc<[TokenId]> = used.into_iter().collect();
            let owned = Arc::clone(&used);
            let touches = || {
                let owned = Arc::clone(&owned);
                Touches::found(move |db| Ok(Touches::users(tokens::users_of(db, &owned)?)))
            };
            let touch = move |db: &mut Db, now: Time| {
                for some in used.chunks(500) {
                    tokens::touch(db, some, now, expiry(now, days))?;
                }
                Ok(((), Vec::new()))
            };
            if let Err(refusal) = self.store.writer().persist(touches, touch).await {
                log::warn!("the last use of tokens could not be stored: {}", refusal.code());
            }
        }
    }

    /// Newest first.
    pub(crate) async fn tokens(&self, identity: &Identity, page: Page) -> Listed<Token> {
        let (user, current) = (identity.user.id, identity.token);
        self.store.read_long(user, move |db| tokens::list(db, user, current, Time::now(), page)).await
    }

    /// Ends one of this user's logins and, within a second, its connections; a guest ends with it. `from` is logged.
    ///
    /// # Errors
    /// `not_found` where the user has no such login.
    pub(crate) async fn end_token(
        &self,
        identity: &Identity,
        token: TokenId,
        from: Option<Address>,
    ) -> Result<(), Refusal> {
        let user = identity.user.id;
        let touches = revocation::touches(user, identity.user.kind);
        let end = move |db: &mut Db, now| Ok(((), revocation::login(db, user, token, now)?));
        self.store.writer().run(touches, end).await?;
        let (event, name) = (if token == identity.token { "logout" } else { "token_revoked" }, &identity.user.username);
        match from {
            Some(from) => security_log::note(event, &from, format_args!("user={name} token={token}")),
            None => security_log::note_internal(event, format_args!("user={name} token={token}")),
        }
        Ok(())
    }

    /// Ends the login of the caller, if it has not ended meanwhile.
    pub(crate) async fn logout(&self, identity: &Identity, from: Address) -> Result<(), Refusal> {
        match self.end_token(identity, identity.token, Some(from)).await {
            Err(Refusal::NotFound) => Ok(()),
            ended => ended,
        }
    }

    /// Ends expired logins with their connections and guests; waits while nothing can be written. Returns the time before which
    /// no other one expires.
    pub(crate) async fn sweep_tokens(&self) -> Time {
        loop {
            let sweep = |db: &mut Db, now| revocation::expired(db, SWEEP, now);
            match self.store.writer().persist(|| revocation::touches_of_expired(SWEEP), sweep).await {
                // In batches, so that other writes get their turn: much may end with a guest.
                Ok(ended) if ended == SWEEP => {}
                Ok(_) => break,
                Err(refusal) => {
                    log::warn!("expired tokens could not be deleted: {}", refusal.code());
                    return Time::now().plus(RETRY);
                }
            }
        }
        // Tokens that are issued or used from now on expire later.
        let latest = expiry(Time::now(), self.config.limits.token_days);
        match self.store.read(tokens::next_expiry).await {
            Ok(next) => next.map_or(latest, |next| next.min(latest)),
            Err(_) => Time::now().plus(RETRY),
        }
    }
}

/// The expiry of a token that is used now; 0 days: in a hundred years.
fn expiry(now: Time, days: u32) -> Time {
    now.plus_days(if days == 0 { 36_525 } else { days.into() })
}
