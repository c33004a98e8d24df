//! Accounts and guests: registering, coming in, being recognised, finding and blocking people, going for good.
//!
//! One use case, one function. Asked by every door alike; none of them has rules of its own.

mod administrators;
mod contacts;
mod directory;
mod fair;
mod guests;
mod login;
mod operator;
mod own;
mod password;
mod secret;
mod stays;
mod weak;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(crate) use directory::Seen;
pub(crate) use login::LoggedIn;
pub(crate) use operator::kept_password;
pub(crate) use own::Change;
pub(crate) use password::Hasher;
pub(crate) use secret::Secret;
pub(crate) use stays::Wanted;

use crate::config::{Config, Directory, Switch};
use crate::domain::{Identity, Page, Refusal, Time, Token, TokenId, TokenUse};
use crate::rate_limit::{Address, Attempts, Misses, Names, Rate, Saved, Throttle};
use crate::security_log;
use crate::service::endings;
use crate::store::tokens::Found;
use crate::store::{Db, Store, budgets, tokens};

/// Logins that end in one transaction when they have expired.
const SWEEP: usize = 100;
/// Milliseconds until a sweep that failed is tried again.
const RETRY: i64 = 1_000;

/// The desk for accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Accounts {
    store: Store,
    hasher: Hasher,
    names: Arc<Names>,
    misses: Misses,
    rules: Arc<Rules>,
    upkeep: Arc<Upkeep>,
}

/// What is written down of tokens without anybody asking.
#[derive(Default)]
struct Upkeep {
    /// Tokens whose use is not noted yet.
    used: Mutex<BTreeSet<TokenId>>,
    touching: tokio::sync::Mutex<()>,
}

struct Rules {
    directory: Directory,
    guests: Switch,
    uniform_login_errors: bool,
    token_days: u32,
    password_min: u32,
    /// People in one room; 0 is no limit.
    members: u32,
    /// Logins that each user may have; 0 is no limit.
    user_tokens: u32,
    login_failures: Attempts<(String, Address)>,
    address_login_failures: Attempts<Address>,
    /// Failed logins to an account from everywhere.
    account_login_failures: Throttle<String>,
    /// Successful logins to an account from an address.
    logins: Throttle<(String, Address)>,
    new_accounts: Throttle<Address>,
}

impl Accounts {
    /// The desk on `store`, by the rules of `config`; `names` is shared with every desk that is asked for names, `misses` with
    /// every one that is asked for a room's code.
    ///
    /// # Errors
    /// Where the system gives no thread for hashing.
    pub(crate) fn new(store: Store, names: Arc<Names>, misses: Misses, config: &Config) -> std::io::Result<Self> {
        let limits = &config.limits;
        let minutes = |minutes: u64, count: u32| Rate::within(Duration::from_secs(minutes * 60), count, count);
        let rules = Rules {
            directory: config.directory,
            guests: config.guests,
            uniform_login_errors: config.uniform_login_errors,
            token_days: limits.token_days,
            password_min: limits.password_min,
            members: limits.group_members,
            user_tokens: limits.user_tokens,
            login_failures: Attempts::new(minutes(15, limits.login_failures)),
            address_login_failures: Attempts::new(minutes(10, limits.address_login_failures)),
            account_login_failures: Throttle::saved(minutes(60, limits.account_login_failures)),
            logins: Throttle::new(minutes(10, limits.logins)),
            new_accounts: Throttle::new(Rate::per_minute(limits.accounts_per_minute, limits.accounts_burst)),
        };
        let hasher = Hasher::new(config.hashes, config.hash_queue)?;
        Ok(Self { store, hasher, names, misses, rules: Arc::new(rules), upkeep: Arc::default() })
    }

    /// Who this secret speaks for. Notes the use, and from where and by what it is `used`, at most once a minute.
    ///
    /// # Errors
    /// `unauthenticated` for a secret that is unknown, ended or expired.
    pub(crate) async fn authenticate(&self, secret: &Secret, used: TokenUse) -> Result<Identity, Refusal> {
        let hash = secret.hash();
        let now = Time::now();
        let login = match self.store.read(move |db| tokens::find(db, &hash, now)).await? {
            Found::Valid(login) => login,
            Found::Expired(token) => {
                // Ended for good, so that a clock that is set back does not bring it back.
                let end = self.store.writer().run(move |db, at| Ok(((), endings::expired_one(db, token, now, at)?)));
                if let Err(refusal) = end.await {
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
            self.place(login.token, used);
        }
        Ok(Identity { user: login.user, token: login.token, door: login.door })
    }

    /// Keeps from where and by what a token is used; nobody waits for it. Where nothing can be written, a later use is kept.
    fn place(&self, token: TokenId, used: TokenUse) {
        let writer = self.store.writer();
        if !writer.is_troubled() {
            writer.note(move |db, _| tokens::place(db, token, &used).map(|()| Vec::new()));
        }
    }

    /// What has changed of failure budgets since the last call.
    pub(crate) fn budget_changes(&self) -> Vec<Saved> {
        let mut out = Vec::new();
        self.rules.login_failures.changes("login_failures", &mut out);
        self.rules.address_login_failures.changes("address_login_failures", &mut out);
        self.rules.account_login_failures.changes("account_login_failures", &mut out);
        self.names.changes(&mut out);
        self.misses.changes(&mut out);
        out
    }

    /// Keeps what has changed of failure budgets; nobody waits for it. While nothing can be written, changes are gathered.
    pub(crate) fn save_budgets(&self) {
        if self.store.writer().is_troubled() {
            return;
        }
        let changes = self.budget_changes();
        if !changes.is_empty() {
            self.store.writer().note(move |db, now| budgets::save(db, &changes, now).map(|()| Vec::new()));
        }
    }

    /// Takes back what was kept of failure budgets.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn restore_budgets(&self) -> Result<(), Refusal> {
        for saved in self.store.read(|db| budgets::load(db, Time::now())).await? {
            match saved.budget.as_str() {
                "login_failures" => self.rules.login_failures.restore(&saved),
                "address_login_failures" => self.rules.address_login_failures.restore(&saved),
                "account_login_failures" => self.rules.account_login_failures.restore(&saved),
                _ => {
                    self.names.restore(&saved);
                    self.misses.restore(&saved);
                }
            }
        }
        Ok(())
    }

    /// Moves the end of tokens that are in use, now or, where nothing can be written, as soon as it can.
    pub(crate) async fn touch(&self, tokens: Vec<TokenId>) {
        self.upkeep.used.lock().unwrap_or_else(PoisonError::into_inner).extend(tokens);
        // Whoever is at it, and may be waiting for the disk, takes these along.
        let Ok(_alone) = self.upkeep.touching.try_lock() else { return };
        let days = self.rules.token_days;
        loop {
            let used = std::mem::take(&mut *self.upkeep.used.lock().unwrap_or_else(PoisonError::into_inner));
            if used.is_empty() {
                return;
            }
            let used: Arc<[TokenId]> = used.into_iter().collect();
            let touch = move |db: &mut Db, now: Time| {
                for some in used.chunks(500) {
                    tokens::touch(db, some, now, expiry(now, days))?;
                }
                Ok(((), Vec::new()))
            };
            if let Err(refusal) = self.store.writer().persist(touch).await {
                log::warn!("the last use of tokens could not be stored: {}", refusal.code());
            }
        }
    }

    /// This user's logins, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn tokens(&self, who: &Identity, page: Page) -> Result<(Vec<Token>, Option<String>), Refusal> {
        let (user, current) = (who.user.id, who.token);
        self.store.read_long(user, move |db| tokens::list(db, user, current, Time::now(), page)).await
    }

    /// Ends one of this user's logins and, within a second, its connections; a guest's visit with it. `from`: where that was
    /// asked for, if it is known.
    ///
    /// # Errors
    /// `not_found` where the user has no such login.
    pub(crate) async fn end_token(&self, who: &Identity, token: TokenId, from: Option<Address>) -> Result<(), Refusal> {
        let user = who.user.id;
        self.store.writer().run(move |db, now| Ok(((), endings::login(db, user, token, now)?))).await?;
        let (event, name) = (if token == who.token { "logout" } else { "token_revoked" }, &who.user.username);
        match from {
            Some(from) => security_log::note(event, &from, format_args!("user={name} token={token}")),
            None => security_log::note_internal(event, format_args!("user={name} token={token}")),
        }
        Ok(())
    }

    /// Ends logins that have expired, their connections, and the visits of guests whose they were, now or, where nothing
    /// can be written, as soon as it can. Gives back until when no other one expires.
    pub(crate) async fn sweep_tokens(&self) -> Time {
        loop {
            let sweep = self.store.writer().persist(|db: &mut Db, now| endings::expired(db, SWEEP, now));
            match sweep.await {
                // Others go on in between: with a guest much may end.
                Ok(ended) if ended == SWEEP => {}
                Ok(_) => break,
                Err(refusal) => {
                    log::warn!("expired tokens could not be deleted: {}", refusal.code());
                    return Time::now().plus(RETRY);
                }
            }
        }
        // What is issued or used from now on expires later than this.
        let latest = expiry(Time::now(), self.rules.token_days);
        match self.store.read(tokens::next_expiry).await {
            Ok(next) => next.map_or(latest, |next| next.min(latest)),
            Err(_) => Time::now().plus(RETRY),
        }
    }
}

/// When a token ends that is used now; 0 days: in a hundred years.
fn expiry(now: Time, days: u32) -> Time {
    now.plus_days(if days == 0 { 36_525 } else { days.into() })
}
