//! The services together, as every entry point receives them.

use std::sync::Arc;

use crate::config::Config;
use crate::rate_limit::Limiter;
use crate::service::accounts::AccountService;
use crate::service::amendments::AmendmentService;
use crate::service::failure_budgets::FailureBudgets;
use crate::service::history::HistoryService;
use crate::service::invites::InviteService;
use crate::service::search::SearchService;
use crate::service::sessions::SessionService;
use crate::store::Store;

#[derive(Clone)]
pub(crate) struct Services {
    pub accounts: AccountService,
    pub invites: InviteService,
    pub sessions: SessionService,
    pub amendments: AmendmentService,
    pub search: SearchService,
    pub history: HistoryService,
    pub store: Store,
    pub limiter: Limiter,
    pub failures: FailureBudgets,
    pub config: Arc<Config>,
}

impl Services {
    /// # Errors
    /// Those of starting the threads for password hashes.
    pub(crate) fn new(store: Store, config: Arc<Config>) -> std::io::Result<Self> {
        let limits = &config.limits;
        let failures = FailureBudgets::new(limits);
        let limiter = Limiter::new(&limits.user_rates(), store.lobby(), Arc::clone(&failures.names));
        Ok(Self {
            accounts: AccountService::new(store.clone(), failures.clone(), Arc::clone(&config))?,
            invites: InviteService::new(store.clone(), Arc::clone(&failures.names), &config),
            sessions: SessionService::new(store.clone(), limiter.clone(), failures.clone(), &config),
            amendments: AmendmentService { store: store.clone(), emojis: limits.message_emojis },
            search: SearchService { store: store.clone() },
            history: HistoryService { store: store.clone() },
            limiter,
            failures,
            store,
            config,
        })
    }
}
