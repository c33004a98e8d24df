//! Bounds how many codes that no room has can be tried, so that rooms cannot be found by trying.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Address, Rate, Saved, Throttle};
use crate::domain::{Refusal, UserId};
use crate::security_log;

/// Whoever missed so lately is refused while everybody together misses too often.
const LATELY: Duration = Duration::from_secs(600);

/// Codes that no room has, by address, by user and in all. However one asks, it is one budget. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Misses(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    addresses: Throttle<Address>,
    users: Throttle<UserId>,
    all: Throttle<()>,
    lately: Throttle<Address>,
    lately_users: Throttle<UserId>,
    /// Looking and counting are one.
    one: Mutex<()>,
}

impl Misses {
    /// `each` a minute for an address and for a user, `total` a minute in all; 0 is no limit.
    pub(crate) fn new(each: u32, total: u32) -> Self {
        let own = Rate::per_minute(each, each);
        let once = Rate::within(LATELY, 1, 1);
        Self(Arc::new(Counts {
            addresses: Throttle::saved(own),
            users: Throttle::saved(own),
            all: Throttle::saved(Rate::per_minute(total, total)),
            lately: Throttle::saved(once),
            lately_users: Throttle::saved(once),
            one: Mutex::new(()),
        }))
    }

    /// Says what somebody may know who asked for a code and `found` the room that has it, or none. `user`: who, if they are
    /// anybody yet. Called where the code is looked up, one at a time: however many ask at once, no more miss than may.
    ///
    /// # Errors
    /// `unknown_room` where there is none, which is counted; `too_many_attempts` whatever was found.
    pub(crate) fn asked<T>(&self, from: Address, user: Option<UserId>, found: Option<T>) -> Result<T, Refusal> {
        let _one = self.0.one.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(from, user).map_err(|wait| {
            security_log::throttled("room_codes", &from);
            Refusal::TooManyAttempts(wait)
        })?;
        found.ok_or_else(|| {
            self.0.addresses.count(from);
            self.0.all.count(());
            // From the last miss on, however many there were before.
            self.0.lately.clear(&from);
            self.0.lately.count(from);
            if let Some(user) = user {
                self.0.users.count(user);
                self.0.lately_users.clear(&user);
                self.0.lately_users.count(user);
            }
            Refusal::UnknownRoom
        })
    }

    /// Appends what has changed since the last call.
    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        let Counts { addresses, users, all, lately, lately_users, .. } = &*self.0;
        addresses.changes("room_codes", out);
        users.changes("room_codes_user", out);
        all.changes("room_codes_total", out);
        lately.changes("room_codes_recent", out);
        lately_users.changes("room_codes_recent_user", out);
    }

    /// Takes back what was saved, if it is of these budgets.
    pub(crate) fn restore(&self, saved: &Saved) {
        match saved.budget.as_str() {
            "room_codes" => self.0.addresses.restore(saved),
            "room_codes_user" => self.0.users.restore(saved),
            "room_codes_total" => self.0.all.restore(saved),
            "room_codes_recent" => self.0.lately.restore(saved),
            "room_codes_recent_user" => self.0.lately_users.restore(saved),
            _ => {}
        }
    }

    fn look(&self, from: Address, user: Option<UserId>) -> Result<(), u64> {
        self.0.addresses.look(&from)?;
        user.map_or(Ok(()), |user| self.0.users.look(&user))?;
        if let Err(wait) = self.0.all.look(&()) {
            let missed =
                self.0.lately.look(&from).is_err() || user.is_some_and(|user| self.0.lately_users.look(&user).is_err());
            return if missed { Err(wait) } else { Ok(()) };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([10, 0, 0, last]))
    }

    fn miss(misses: &Misses, from: u8, user: i64) -> Refusal {
        misses.asked(address(from), Some(UserId(user)), None::<()>).unwrap_err()
    }

    #[test]
    fn an_address_and_a_user_have_a_budget_each() {
        let misses = Misses::new(2, 0);
        assert_eq!(miss(&misses, 1, 1), Refusal::UnknownRoom);
        assert_eq!(miss(&misses, 1, 2), Refusal::UnknownRoom);
        assert!(matches!(miss(&misses, 1, 3), Refusal::TooManyAttempts(_)), "the address");
        assert_eq!(miss(&misses, 2, 1), Refusal::UnknownRoom);
        assert!(matches!(miss(&misses, 3, 1), Refusal::TooManyAttempts(_)), "the user");
    }

    #[test]
    fn when_everybody_misses_only_who_missed_is_refused() {
        let misses = Misses::new(100, 2);
        for from in [1, 2] {
            assert_eq!(miss(&misses, from, from.into()), Refusal::UnknownRoom);
        }
        assert!(matches!(miss(&misses, 1, 9), Refusal::TooManyAttempts(_)));
        assert!(matches!(miss(&misses, 9, 2), Refusal::TooManyAttempts(_)));
        assert_eq!(misses.asked(address(3), None, Some(7)), Ok(7));
        assert_eq!(miss(&misses, 3, 3), Refusal::UnknownRoom);
    }
}
