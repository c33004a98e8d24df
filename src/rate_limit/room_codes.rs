//! Bounds lookups of unknown room codes, so that codes cannot be enumerated.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Address, Rate, Saved, Throttle};
use crate::domain::{Refusal, UserId};
use crate::security_log;

/// Addresses and users with a miss in this time are refused while the total of misses is used up.
const RECENT: Duration = Duration::from_secs(600);

/// Misses by address, by user and in all, whatever the request. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RoomCodeGuesses(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    addresses: Throttle<Address>,
    users: Throttle<UserId>,
    all: Throttle<()>,
    recent: Throttle<Address>,
    recent_users: Throttle<UserId>,
    /// Makes checking and counting atomic.
    lock: Mutex<()>,
}

impl RoomCodeGuesses {
    /// `each` a minute for an address and for a user, `total` a minute in all; 0 is no limit.
    pub(crate) fn new(each: u32, total: u32) -> Self {
        let own = Rate::per_minute(each, each);
        let once = Rate::within(RECENT, 1, 1);
        Self(Arc::new(Counts {
            addresses: Throttle::saved("room_codes", own),
            users: Throttle::saved("room_codes_user", own),
            all: Throttle::saved("room_codes_total", Rate::per_minute(total, total)),
            recent: Throttle::saved("room_codes_recent", once),
            recent_users: Throttle::saved("room_codes_recent_user", once),
            lock: Mutex::new(()),
        }))
    }

    /// Decides how to answer a lookup. One at a time, so that however many are in flight, no more than the budget miss. `user`
    /// is `None` before a login.
    ///
    /// # Errors
    /// `unknown_room` for `None`, which is counted; `too_many_attempts` for either once a budget is used up.
    pub(crate) fn resolve<T>(&self, from: Address, user: Option<UserId>, found: Option<T>) -> Result<T, Refusal> {
        let _lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(from, user).map_err(|wait| {
            security_log::throttled("room_codes", &from);
            Refusal::TooManyAttempts(wait)
        })?;
        found.ok_or_else(|| {
            self.0.addresses.count(from);
            self.0.all.count(());
            // The time starts again at every miss.
            self.0.recent.clear(&from);
            self.0.recent.count(from);
            if let Some(user) = user {
                self.0.users.count(user);
                self.0.recent_users.clear(&user);
                self.0.recent_users.count(user);
            }
            Refusal::UnknownRoom
        })
    }

    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        let Counts { addresses, users, all, recent, recent_users, .. } = &*self.0;
        addresses.changes(out);
        users.changes(out);
        all.changes(out);
        recent.changes(out);
        recent_users.changes(out);
    }

    pub(crate) fn restore(&self, saved: &Saved) {
        let Counts { addresses, users, all, recent, recent_users, .. } = &*self.0;
        addresses.restore(saved);
        users.restore(saved);
        all.restore(saved);
        recent.restore(saved);
        recent_users.restore(saved);
    }

    fn look(&self, from: Address, user: Option<UserId>) -> Result<(), u64> {
        self.0.addresses.look(&from)?;
        user.map_or(Ok(()), |user| self.0.users.look(&user))?;
        let Err(wait) = self.0.all.look(&()) else { return Ok(()) };
        let missed =
            self.0.recent.look(&from).is_err() || user.is_some_and(|user| self.0.recent_users.look(&user).is_err());
        if missed { Err(wait) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([10, 0, 0, last]))
    }

    fn miss(guesses: &RoomCodeGuesses, from: u8, user: i64) -> Refusal {
        guesses.resolve(address(from), Some(UserId(user)), None::<()>).unwrap_err()
    }

    #[test]
    fn an_address_and_a_user_have_a_budget_each() {
        let guesses = RoomCodeGuesses::new(2, 0);
        assert_eq!(miss(&guesses, 1, 1), Refusal::UnknownRoom);
        assert_eq!(miss(&guesses, 1, 2), Refusal::UnknownRoom);
        assert!(matches!(miss(&guesses, 1, 3), Refusal::TooManyAttempts(_)), "the address");
        assert_eq!(miss(&guesses, 2, 1), Refusal::UnknownRoom);
        assert!(matches!(miss(&guesses, 3, 1), Refusal::TooManyAttempts(_)), "the user");
    }

    #[test]
    fn when_the_total_is_used_up_only_recent_misses_are_refused() {
        let guesses = RoomCodeGuesses::new(100, 2);
        for from in [1, 2] {
            assert_eq!(miss(&guesses, from, from.into()), Refusal::UnknownRoom);
        }
        assert!(matches!(miss(&guesses, 1, 9), Refusal::TooManyAttempts(_)));
        assert!(matches!(miss(&guesses, 9, 2), Refusal::TooManyAttempts(_)));
        assert_eq!(guesses.resolve(address(3), None, Some(7)), Ok(7));
        assert_eq!(miss(&guesses, 3, 3), Refusal::UnknownRoom);
    }
}
