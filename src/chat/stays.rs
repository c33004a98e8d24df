//! Guests who end when they are missed, those of the lobby's login and of the room-code form: who of them is connected, and
//! until when the others may come (back).
//!
//! No clock and no actix: `now` is an argument.

use std::collections::HashSet;
use std::time::Instant;

use super::expiry::ExpiryQueue;
use crate::domain::UserId;

/// Guests who end when they are missed.
#[derive(Debug, Default)]
pub(super) struct Stays {
    connected: HashSet<UserId>,
    /// Those who are not connected, each with when they end.
    away: ExpiryQueue<UserId>,
}

impl Stays {
    /// A guest is connected.
    pub(super) fn came(&mut self, guest: UserId) {
        self.away.cancel(guest);
        self.connected.insert(guest);
    }

    /// A guest's last connection is gone. Who is no such guest is not missed.
    pub(super) fn left(&mut self, guest: UserId, until: Instant) {
        if self.connected.remove(&guest) || self.away.deadline(guest).is_some() {
            self.away.insert(guest, until);
        }
    }

    /// A guest who is not connected may come until then, or later if that was said before.
    pub(super) fn expect(&mut self, guest: UserId, until: Instant) {
        if !self.connected.contains(&guest) && self.away.deadline(guest).is_none_or(|known| known < until) {
            self.away.insert(guest, until);
        }
    }

    /// A guest who has been missed for too long has not ended: they are due at once unless they have come back.
    pub(super) fn overdue(&mut self, guest: UserId, now: Instant) {
        if !self.connected.contains(&guest) && self.away.deadline(guest).is_none() {
            self.away.insert(guest, now);
        }
    }

    /// Guests who have been missed for too long; they are forgotten.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<UserId> {
        std::iter::from_fn(|| self.away.pop_due(now)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GUEST: UserId = UserId(7);
    const GRACE: Duration = Duration::from_secs(10);

    #[test]
    fn whoever_comes_back_in_time_stays() {
        let (mut stays, start) = (Stays::default(), Instant::now());
        stays.expect(GUEST, start + GRACE * 6);
        stays.came(GUEST);
        assert!(stays.expired(start + GRACE * 99).is_empty());
        stays.left(GUEST, start + GRACE);
        stays.came(GUEST);
        stays.left(GUEST, start + GRACE * 3);
        assert!(stays.expired(start + GRACE * 2).is_empty());
        assert_eq!(stays.expired(start + GRACE * 3), vec![GUEST]);
        assert!(stays.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn what_is_expected_is_never_sooner_than_it_was() {
        let (mut stays, start) = (Stays::default(), Instant::now());
        stays.expect(GUEST, start + GRACE * 6);
        stays.expect(GUEST, start + GRACE);
        assert!(stays.expired(start + GRACE * 5).is_empty());
        stays.came(GUEST);
        stays.expect(GUEST, start);
        assert!(stays.expired(start + GRACE * 99).is_empty(), "connected");
    }

    #[test]
    fn an_overdue_guest_ends_at_once_unless_they_have_come_back() {
        let (mut stays, start) = (Stays::default(), Instant::now());
        stays.overdue(GUEST, start);
        assert_eq!(stays.expired(start), vec![GUEST]);
        stays.came(GUEST);
        stays.overdue(GUEST, start);
        assert!(stays.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn others_come_and_go_unwatched() {
        let (mut stays, start) = (Stays::default(), Instant::now());
        stays.left(UserId(8), start);
        assert!(stays.expired(start + GRACE).is_empty());
    }
}
