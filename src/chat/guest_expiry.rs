//! Deadlines of transient guests, who end when without a connection for too long: those of the lobby's login and of the
//! room-code form.

use std::collections::HashSet;
use std::time::Instant;

use super::expiry::ExpiryQueue;
use crate::domain::UserId;

#[derive(Debug, Default)]
pub(super) struct GuestExpiry {
    connected: HashSet<UserId>,
    away: ExpiryQueue<UserId>,
}

impl GuestExpiry {
    pub(super) fn connected(&mut self, guest: UserId) {
        self.away.cancel(guest);
        self.connected.insert(guest);
    }

    /// The last connection of a user has ended. Does nothing for users who are not transient guests.
    pub(super) fn disconnected(&mut self, guest: UserId, until: Instant) {
        if self.connected.remove(&guest) || self.away.deadline(guest).is_some() {
            self.away.insert(guest, until);
        }
    }

    /// A guest may connect until then, or until an earlier deadline that is later. Does nothing while they are connected.
    pub(super) fn expect(&mut self, guest: UserId, until: Instant) {
        if !self.connected.contains(&guest) && self.away.deadline(guest).is_none_or(|known| known < until) {
            self.away.insert(guest, until);
        }
    }

    /// An expired guest could not be ended: they are due at once unless they have reconnected.
    pub(super) fn overdue(&mut self, guest: UserId, now: Instant) {
        if !self.connected.contains(&guest) && self.away.deadline(guest).is_none() {
            self.away.insert(guest, now);
        }
    }

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
    fn a_guest_who_reconnects_in_time_does_not_end() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.expect(GUEST, start + GRACE * 6);
        guests.connected(GUEST);
        assert!(guests.expired(start + GRACE * 99).is_empty());
        guests.disconnected(GUEST, start + GRACE);
        guests.connected(GUEST);
        guests.disconnected(GUEST, start + GRACE * 3);
        assert!(guests.expired(start + GRACE * 2).is_empty());
        assert_eq!(guests.expired(start + GRACE * 3), vec![GUEST]);
        assert!(guests.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn an_expected_guest_never_ends_sooner_than_before() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.expect(GUEST, start + GRACE * 6);
        guests.expect(GUEST, start + GRACE);
        assert!(guests.expired(start + GRACE * 5).is_empty());
        guests.connected(GUEST);
        guests.expect(GUEST, start);
        assert!(guests.expired(start + GRACE * 99).is_empty(), "connected");
    }

    #[test]
    fn an_overdue_guest_ends_at_once_unless_they_have_reconnected() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.overdue(GUEST, start);
        assert_eq!(guests.expired(start), vec![GUEST]);
        guests.connected(GUEST);
        guests.overdue(GUEST, start);
        assert!(guests.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn other_users_never_expire() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.disconnected(UserId(8), start);
        assert!(guests.expired(start + GRACE).is_empty());
    }
}
