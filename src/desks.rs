//! The desks together, as every door is handed them.

use std::sync::Arc;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::history::History;
use crate::invites::Invites;
use crate::limits::{Names, Throttle};
use crate::model::UserId;
use crate::store::Store;

/// Where a door asks. Cheap to clone.
#[derive(Clone)]
pub struct Desks {
    /// Registering, logging in, finding and blocking people.
    pub accounts: Accounts,
    /// Invites and the direct sessions that come of them.
    pub invites: Invites,
    /// Reading.
    pub history: History,
    /// The database, for the door's own health check and for the hall.
    pub store: Store,
    /// REST requests of each user.
    pub requests: Arc<Throttle<UserId>>,
    /// Every setting.
    pub config: Arc<Config>,
}

impl Desks {
    /// The desks on `store`.
    ///
    /// # Errors
    /// Where the system gives no thread for hashing.
    pub fn new(store: Store, config: Arc<Config>) -> std::io::Result<Self> {
        let names = Arc::new(Names::new(config.limits.unknown_names));
        Ok(Self {
            accounts: Accounts::new(store.clone(), Arc::clone(&names), &config)?,
            invites: Invites::new(store.clone(), names, &config),
            history: History::new(store.clone()),
            requests: Arc::new(Throttle::new(config.limits.requests())),
            store,
            config,
        })
    }
}
