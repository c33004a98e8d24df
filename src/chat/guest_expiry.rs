//! Deadlines of transient guests, who end when without a connection for too long: those of the lobby's login and of the
//! room-code form.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use super::expiry::ExpiryQueue;
use crate::domain::UserId;

#[derive(Debug, Default)]
pub(super) struct GuestExpiry {
    connected: HashSet<UserId>,
    /// Connected to other nodes.
    elsewhere: HashSet<UserId>,
    /// Deadlines of those who have left this node and are connected to others.
    left: HashMap<UserId, Instant>,
    away: ExpiryQueue<UserId>,
}

impl GuestExpiry {
    pub(super) fn connected(&mut self, guest: UserId) {
        self.away.cancel(guest);
        self.left.remove(&guest);
        self.connected.insert(guest);
    }

    /// The last connection of a user to this node has ended. Does nothing for users who are not transient guests.
    pub(super) fn disconnected(&mut self, guest: UserId, until: Instant) {
        let is_known = self.connected.remove(&guest) || self.away.deadline(guest).is_some();
        if is_known && self.elsewhere.contains(&guest) {
            self.left.insert(guest, until);
        } else if is_known {
            self.away.insert(guest, until);
        }
    }

    /// A transient guest is online at another node.
    pub(super) fn connected_elsewhere(&mut self, guest: UserId) {
        self.away.cancel(guest);
        self.elsewhere.insert(guest);
    }

    /// A user is not online at any other node. One who has left this node before has had their time here. Does nothing for
    /// those who were not there as transient guests.
    pub(super) fn disconnected_elsewhere(&mut self, guest: UserId, until: Instant) {
        let until = self.left.remove(&guest).unwrap_or(until);
        if self.elsewhere.remove(&guest) && !self.connected.contains(&guest) {
            self.away.insert(guest, until);
        }
    }

    /// What is known of other nodes is void: their guests may connect until then.
    pub(super) fn forget_elsewhere(&mut self, until: Instant) {
        let elsewhere: Vec<UserId> = self.elsewhere.iter().copied().collect();
        elsewhere.into_iter().for_each(|guest| self.disconnected_elsewhere(guest, until));
    }

    /// True for a transient guest.
    pub(super) fn is_watched(&self, user: UserId) -> bool {
        self.is_connected(user) || self.away.deadline(user).is_some()
    }

    fn is_connected(&self, guest: UserId) -> bool {
        self.connected.contains(&guest) || self.elsewhere.contains(&guest)
    }

    /// A guest may connect until then, or until an earlier deadline that is later. Does nothing while they are connected.
    pub(super) fn expect(&mut self, guest: UserId, until: Instant) {
        if !self.is_connected(guest) && self.away.deadline(guest).is_none_or(|known| known < until) {
            self.away.insert(guest, until);
        }
    }

    /// An expired guest could not be ended: they are due at once unless they have reconnected.
    pub(super) fn overdue(&mut self, guest: UserId, now: Instant) {
        if !self.is_connected(guest) && self.away.deadline(guest).is_none() {
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
    fn a_guest_who_is_connected_to_any_node_does_not_end() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.expect(GUEST, start + GRACE);
        guests.connected_elsewhere(GUEST);
        guests.expect(GUEST, start);
        guests.overdue(GUEST, start);
        assert!(guests.expired(start + GRACE * 9).is_empty() && guests.is_watched(GUEST));
        guests.connected(GUEST);
        guests.disconnected(GUEST, start);
        assert!(guests.expired(start + GRACE * 9).is_empty(), "still elsewhere");
        guests.connected(GUEST);
        guests.disconnected_elsewhere(GUEST, start);
        assert!(guests.expired(start + GRACE * 9).is_empty(), "still here");
        guests.connected_elsewhere(GUEST);
        guests.disconnected(GUEST, start);
        guests.disconnected_elsewhere(GUEST, start + GRACE);
        assert_eq!(guests.expired(start), vec![GUEST]);
    }

    #[test]
    fn the_guests_of_other_nodes_are_expected_once_nothing_is_known_of_them() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.connected_elsewhere(GUEST);
        guests.forget_elsewhere(start + GRACE);
        assert_eq!((guests.expired(start), guests.expired(start + GRACE)), (vec![], vec![GUEST]));
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
        guests.disconnected_elsewhere(UserId(8), start);
        assert!(guests.expired(start + GRACE).is_empty());
    }

    #[test]
    fn a_guest_who_leaves_two_nodes_at_once_ends_at_the_deadline_of_this_one() {
        let (mut guests, start) = (GuestExpiry::default(), Instant::now());
        guests.connected(GUEST);
        guests.connected_elsewhere(GUEST);
        guests.disconnected(GUEST, start);
        assert!(guests.expired(start + GRACE * 9).is_empty(), "connected to the other node");
        guests.disconnected_elsewhere(GUEST, start + GRACE * 99);
        assert_eq!(guests.expired(start), vec![GUEST]);
        guests.connected_elsewhere(GUEST);
        guests.disconnected_elsewhere(GUEST, start + GRACE);
        assert!(guests.expired(start).is_empty(), "the earlier deadline is void");
    }
}
