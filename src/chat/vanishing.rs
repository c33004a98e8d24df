//! Ephemeral rooms: since when each has been empty, and which have been empty for longer than their grace period.
//!
//! No clock and no actix: `now` is an argument.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::expiry::ExpiryQueue;
use crate::domain::SessionId;

/// The rooms that end when they stay empty.
#[derive(Debug)]
pub(super) struct Vanishing {
    /// How long a room may be empty that others than its creator have been in.
    grace: Duration,
    /// The same for a room that nobody but its creator has been in: its link may be on its way to somebody.
    invite: Duration,
    /// Every room, with whether others than its creator have been in it.
    shared: HashMap<SessionId, bool>,
    /// Those in which nobody is connected, each with when it ends.
    empty: ExpiryQueue<SessionId>,
}

impl Vanishing {
    /// No rooms yet. A room ends once it has been empty for `grace`, or for `invite` while only its creator has been in it.
    pub(super) fn new(grace: Duration, invite: Duration) -> Self {
        Self { grace, invite, shared: HashMap::new(), empty: ExpiryQueue::default() }
    }

    /// Watches a room from now on, or starts its grace period anew. `shared`: somebody other than its creator has been in it;
    /// `occupied`: somebody is connected.
    pub(super) fn watch(&mut self, room: SessionId, shared: bool, occupied: bool, now: Instant) {
        self.shared.insert(room, shared);
        if occupied {
            self.empty.cancel(room);
        } else {
            self.emptied(room, now);
        }
    }

    /// Somebody is connected.
    pub(super) fn entered(&mut self, room: SessionId) {
        self.empty.cancel(room);
    }

    /// The last connection is gone.
    pub(super) fn emptied(&mut self, room: SessionId, now: Instant) {
        if let Some(shared) = self.shared.get(&room) {
            self.empty.insert(room, now + self.patience(*shared));
        }
    }

    /// A room that has been empty for its whole `grace` is still there: it is due at once unless somebody is connected, or it
    /// is watched anew.
    pub(super) fn overdue(&mut self, room: SessionId, grace: Duration, occupied: bool, now: Instant) {
        if self.shared.contains_key(&room) {
            return;
        }
        self.shared.insert(room, grace == self.grace);
        if !occupied {
            self.empty.insert(room, now);
        }
    }

    /// Rooms that have been empty for too long, each with its grace period; they are watched no more.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<(SessionId, Duration)> {
        let mut over = Vec::new();
        while let Some(room) = self.empty.pop_due(now) {
            if let Some(shared) = self.shared.remove(&room) {
                over.push((room, self.patience(shared)));
            }
        }
        over
    }

    const fn patience(&self, shared: bool) -> Duration {
        if shared { self.grace } else { self.invite }
    }

    /// How long a room may be empty that others than its creator have been in.
    pub(super) const fn grace(&self) -> Duration {
        self.grace
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
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, true, false, start);
        rooms.entered(ROOM);
        assert!(rooms.expired(start + GRACE * 9).is_empty());
        rooms.emptied(ROOM, start + GRACE * 9);
        rooms.entered(ROOM);
        rooms.emptied(ROOM, start + GRACE * 10);
        assert!(rooms.expired(start + GRACE * 10 + GRACE / 2).is_empty());
        assert_eq!(rooms.expired(start + GRACE * 11), vec![(ROOM, GRACE)]);
        assert!(rooms.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn a_join_starts_the_grace_period_anew() {
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, true, false, start);
        rooms.watch(ROOM, true, false, start + GRACE / 2);
        assert!(rooms.expired(start + GRACE).is_empty());
        assert_eq!(rooms.expired(start + GRACE + GRACE / 2), vec![(ROOM, GRACE)]);
    }

    #[test]
    fn an_overdue_room_goes_at_once_unless_somebody_is_connected() {
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.overdue(ROOM, GRACE, false, start);
        assert_eq!(rooms.expired(start), vec![(ROOM, GRACE)]);
        rooms.overdue(ROOM, INVITE, true, start);
        assert!(rooms.expired(start + INVITE * 9).is_empty(), "somebody is there");
        rooms.emptied(ROOM, start);
        rooms.overdue(ROOM, INVITE, false, start);
        assert!(rooms.expired(start + INVITE - GRACE).is_empty(), "watched anew");
        assert_eq!(rooms.expired(start + INVITE), vec![(ROOM, INVITE)]);
    }

    #[test]
    fn a_room_that_only_its_creator_has_been_in_waits_for_its_invitation() {
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, false, true, start);
        rooms.emptied(ROOM, start);
        assert!(rooms.expired(start + INVITE - GRACE).is_empty());
        assert_eq!(rooms.expired(start + INVITE), vec![(ROOM, INVITE)]);
    }

    #[test]
    fn a_room_that_becomes_shared_has_the_short_grace_period() {
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.watch(ROOM, false, false, start);
        rooms.watch(ROOM, true, false, start + GRACE);
        assert_eq!(rooms.expired(start + GRACE * 2), vec![(ROOM, GRACE)]);
        assert!(rooms.expired(start + INVITE * 2).is_empty());
    }

    #[test]
    fn other_rooms_are_not_watched() {
        let (mut rooms, start) = (Vanishing::new(GRACE, INVITE), Instant::now());
        rooms.emptied(ROOM, start);
        assert!(rooms.expired(start + INVITE * 2).is_empty());
    }
}
