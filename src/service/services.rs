//! The services together, as every door is handed them.

use std::sync::Arc;

use crate::config::Config;
use crate::domain::UserId;
use crate::rate_limit::{Misses, Names, Rate, Sends, Throttle};
use crate::service::accounts::Accounts;
use crate::service::amendments::Amendments;
use crate::service::history::History;
use crate::service::invites::Invites;
use crate::service::search::Search;
use crate::service::sessions::Sessions;
use crate::store::Store;

/// Where a door asks. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    /// Registering, logging in, finding and blocking people.
    pub accounts: Accounts,
    /// Asking each other, and answering.
    pub invites: Invites,
    /// Groups, rooms and direct sessions.
    pub sessions: Sessions,
    /// Editing, deleting and reacting.
    pub amendments: Amendments,
    /// Searching.
    pub search: Search,
    /// Reading.
    pub history: History,
    /// The database, for the door's own health check and for the hall.
    pub store: Store,
    /// Messages of each user.
    pub sends: Sends,
    /// Sessions that each user may make.
    pub openings: Arc<Throttle<UserId>>,
    /// Names that nobody has, as far as they may be asked for.
    pub names: Arc<Names>,
    /// REST requests of each user.
    pub requests: Arc<Throttle<UserId>>,
    /// Every setting.
    pub config: Arc<Config>,
}

impl Services {
    /// The services on `store`.
    ///
    /// # Errors
    /// Where the system gives no thread for hashing.
    pub(crate) fn new(store: Store, config: Arc<Config>) -> std::io::Result<Self> {
        let limits = &config.limits;
        let names = Arc::new(Names::new(limits.unknown_names));
        let openings = Rate::per_minute(limits.sessions_per_minute, limits.sessions_per_minute);
        let openings = Arc::new(Throttle::new(openings));
        let sends = Sends::new(limits.sends(), limits.lobby_sends(), limits.all_lobby_sends());
        let misses = Misses::new(limits.room_misses, limits.total_room_misses);
        let sessions = Sessions::new(
            store.clone(),
            Arc::clone(&names),
            Arc::clone(&openings),
            sends.clone(),
            misses.clone(),
            &config,
        );
        Ok(Self {
            accounts: Accounts::new(store.clone(), Arc::clone(&names), misses, &config)?,
            invites: Invites::new(store.clone(), Arc::clone(&names), &config),
            sessions,
            amendments: Amendments::new(store.clone(), sends.clone(), limits.message_emojis),
            search: Search::new(store.clone(), limits.searches()),
            history: History::new(store.clone()),
            sends,
            openings,
            names,
            requests: Arc::new(Throttle::new(limits.requests())),
            store,
            config,
        })
    }
}
