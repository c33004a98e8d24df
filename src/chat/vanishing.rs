//! Ephemeral rooms: since when each has been empty, and which have been empty for longer than their grace period.
//!
//! No clock and no actix: `now` is an argument.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::model::SessionId;

/// The rooms that end when they stay empty.
#[derive(Debug)]
pub struct Vanishing {
    /// How long a room may be empty that others than its creator have been in.
    grace: Duration,
    /// The same for a room that nobody but its creator has been in: its link may be on its way to somebody.
    invite: Duration,
    rooms: HashMap<SessionId, Room>,
    due: BTreeSet<(Instant, SessionId)>,
}

#[derive(Debug)]
struct Room {
    shared: bool,
    /// When it ends; `None` while somebody is connected.
    ends: Option<Instant>,
}

impl Vanishing {
    /// No rooms yet. A room ends once it has been empty for `grace`, or for `invite` while only its creator has been in it.
    pub fn new(grace: Duration, invite: Duration) -> Self {
        Self { grace, invite, rooms: HashMap::new(), due: BTreeSet::new() }
    }

    /// Watches a room from now on, or starts its grace period anew. `shared`: somebody other than its creator has been in it;
    /// `occupied`: somebody is connected.
    pub fn watch(&mut self, room: SessionId, shared: bool, occupied: bool, now: Instant) {
        if let Some(Room { ends: Some(at), .. }) = self.rooms.insert(room, Room { shared, ends: None }) {
            self.due.remove(&(at, room));
        }
        if !occupied {
            self.emptied(room, now);
        }
    }

    /// Somebody is connected.
    pub fn entered(&mut self, room: SessionId) {
        if let Some(at) = self.rooms.get_mut(&room).and_then(|known| known.ends.take()) {
            self.due.remove(&(at, room));
        }
    }

    /// The last connection is gone.
    pub fn emptied(&mut self, room: SessionId, now: Instant) {
        let (grace, invite) = (self.grace, self.invite);
        if let Some(known) = self.rooms.get_mut(&room) {
            let new = now + if known.shared { grace } else { invite };
            if let Some(old) = known.ends.replace(new) {
                self.due.remove(&(old, room));
            }
            self.due.insert((new, room));
        }
    }

    /// A room that has been empty for its whole `grace` is still there: it is due at once unless somebody is connected, or it
    /// is watched anew.
    pub fn overdue(&mut self, room: SessionId, grace: Duration, occupied: bool, now: Instant) {
        if self.rooms.contains_key(&room) {
            return;
        }
        let ends = (!occupied).then_some(now);
        self.rooms.insert(room, Room { shared: grace == self.grace, ends });
        self.due.extend(ends.map(|at| (at, room)));
    }

    /// Rooms that have been empty for too long, each with its grace period; they are watched no more.
    pub fn expired(&mut self, now: Instant) -> Vec<(SessionId, Duration)> {
        let mut over = Vec::new();
        while let Some((at, room)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, room));
            if let Some(known) = self.rooms.remove(&room) {
                over.push((room, if known.shared { self.grace } else { self.invite }));
            }
        }
        over
    }

    /// How long a room may be empty that others than its creator have been in.
    pub const fn grace(&self) -> Duration {
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
