//! Budgets that only failures use up, kept over restarts. Whether an attempt fails is known by the services alone, so each
//! counts where it knows.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Limits;
use crate::rate_limit::{Address, Attempts, NameLookups, Rate, RoomCodeGuesses, Saved, Throttle};

/// Cheap to clone; all clones share the budgets.
#[derive(Clone)]
pub(crate) struct FailureBudgets {
    pub names: Arc<NameLookups>,
    pub room_codes: RoomCodeGuesses,
    pub logins: Attempts<(String, Address)>,
    pub address_logins: Attempts<Address>,
    pub account_logins: Arc<Throttle<String>>,
}

impl FailureBudgets {
    pub(crate) fn new(limits: &Limits) -> Self {
        let minutes = |minutes: u64, count: u32| Rate::within(Duration::from_secs(minutes * 60), count, count);
        Self {
            names: Arc::new(NameLookups::new(limits.unknown_names)),
            room_codes: RoomCodeGuesses::new(limits.room_misses, limits.total_room_misses),
            logins: Attempts::new("login_failures", minutes(15, limits.login_failures)),
            address_logins: Attempts::new("address_login_failures", minutes(10, limits.address_login_failures)),
            account_logins: Arc::new(Throttle::saved(
                "account_login_failures",
                minutes(60, limits.account_login_failures),
            )),
        }
    }

    /// What has changed since the last call.
    pub(crate) fn changes(&self) -> Vec<Saved> {
        let mut out = Vec::new();
        self.logins.changes(&mut out);
        self.address_logins.changes(&mut out);
        self.account_logins.changes(&mut out);
        self.names.changes(&mut out);
        self.room_codes.changes(&mut out);
        out
    }

    pub(crate) fn restore(&self, saved: &Saved) {
        self.logins.restore(saved);
        self.address_logins.restore(saved);
        self.account_logins.restore(saved);
        self.names.restore(saved);
        self.room_codes.restore(saved);
    }
}
