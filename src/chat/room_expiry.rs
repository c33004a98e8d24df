//! Deadlines of ephemeral rooms, which end when empty for longer than their grace period.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::expiry::ExpiryQueue;
use crate::domain::SessionId;

#[derive(Debug)]
pub(super) struct RoomExpiry {
    /// How long a room that users other than its creator have been in may be empty.
    pub(super) grace: Duration,
    /// The same for a room that only its creator has been in: the link may be on its way to others.
    invite_grace: Duration,
    /// Every ephemeral room, with whether users other than its creator have been in it.
    shared: HashMap<SessionId, bool>,
    empty: ExpiryQueue<SessionId>,
}

impl RoomExpiry {
    pub(super) fn new(grace: Duration, invite_grace: Duration) -> Self {
        Self { grace, invite_grace, shared: HashMap::new(), empty: ExpiryQueue::default() }
    }

    /// Watches a room from now on, or restarts its grace period.
    pub(super) fn watch(&mut self, room: SessionId, shared: bool, is_occupied: bool, now: Instant) {
        self.shared.insert(room, shared);
        if is_occupied {
            self.occupied(room);
        } else {
            self.emptied(room, now);
        }
    }

    pub(super) fn is_watched(&self, room: SessionId) -> bool {
        self.shared.contains_key(&room)
    }

    pub(super) fn occupied(&mut self, room: SessionId) {
        self.empty.cancel(room);
    }

    pub(super) fn emptied(&mut self, room: SessionId, now: Instant) {
        if let Some(shared) = self.shared.get(&room) {
            self.empty.insert(room, now + self.grace_of(*shared));
        }
    }

    /// A room that was empty for all of `grace` could not be deleted: it is due at once unless it is occupied or watched again.
    pub(super) fn overdue(&mut self, room: SessionId, grace: Duration, is_occupied: bool, now: Instant) {
        if self.shared.contains_key(&room) {
            return;
        }
        self.shared.insert(room, grace == self.grace);
        if !is_occupied {
            self.empty.insert(room, now);
        }
    }

    /// Removes the rooms that have been empty for too long, each with its grace period.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<(SessionId, Duration)> {
        let mut expired = Vec::new();
        while let Some(room) = self.empty.pop_due(now) {
            if let Some(shared) = self.shared.remove(&room) {
                expired.push((room, self.grace_of(shared)));
            }
        }
        expired
    }

    const fn grace_of(&self, shared: bool) -> Duration {
        if shared { self.grace } else { self.invite_grace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(60);
    const INVITE: Duration = Duration::from_secs(3_600);
    const ROOM: SessionId = SessionId(1);

    #[test]
    fn a_shared_room_ends_one_grace_period_after_it_was_last_empty() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, true, false, start);
        rooms.occupied(ROOM);
        assert!(rooms.expired(start + GRACE * 9).is_empty());
        rooms.emptied(ROOM, start + GRACE * 9);
        rooms.occupied(ROOM);
        rooms.emptied(ROOM, start + GRACE * 10);
        assert!(rooms.expired(start + GRACE * 10 + GRACE / 2).is_empty());
        assert_eq!(rooms.expired(start + GRACE * 11), vec![(ROOM, GRACE)]);
        assert!(rooms.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn a_join_restarts_the_grace_period() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, true, false, start);
        rooms.watch(ROOM, true, false, start + GRACE / 2);
        assert!(rooms.expired(start + GRACE).is_empty());
        assert_eq!(rooms.expired(start + GRACE + GRACE / 2), vec![(ROOM, GRACE)]);
    }

    #[test]
    fn an_overdue_room_ends_at_once_unless_it_is_occupied() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.overdue(ROOM, GRACE, false, start);
        assert_eq!(rooms.expired(start), vec![(ROOM, GRACE)]);
        rooms.overdue(ROOM, INVITE, true, start);
        assert!(rooms.expired(start + INVITE * 9).is_empty(), "occupied");
        rooms.emptied(ROOM, start);
        rooms.overdue(ROOM, INVITE, false, start);
        assert!(rooms.expired(start + INVITE - GRACE).is_empty(), "watched again");
        assert_eq!(rooms.expired(start + INVITE), vec![(ROOM, INVITE)]);
    }

    #[test]
    fn a_room_that_only_its_creator_has_been_in_has_the_long_grace_period() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, false, true, start);
        rooms.emptied(ROOM, start);
        assert!(rooms.expired(start + INVITE - GRACE).is_empty());
        assert_eq!(rooms.expired(start + INVITE), vec![(ROOM, INVITE)]);
    }

    #[test]
    fn a_room_that_becomes_shared_has_the_short_grace_period() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, false, false, start);
        rooms.watch(ROOM, true, false, start + GRACE);
        assert_eq!(rooms.expired(start + GRACE * 2), vec![(ROOM, GRACE)]);
        assert!(rooms.expired(start + INVITE * 2).is_empty());
    }

    #[test]
    fn other_rooms_never_expire() {
        let (mut rooms, start) = (RoomExpiry::new(GRACE, INVITE), Instant::now());
        rooms.emptied(ROOM, start);
        assert!(rooms.expired(start + INVITE * 2).is_empty());
    }
}
