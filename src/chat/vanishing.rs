//! Rooms that go when nobody is there: since when each has been empty, and which have been for too long.
//!
//! No clock and no actix: `now` is an argument.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::model::SessionId;

/// Rooms that are watched.
#[derive(Debug)]
pub struct Vanishing {
    grace: Duration,
    /// When each goes; `None` while somebody is there.
    rooms: HashMap<SessionId, Option<Instant>>,
    due: BTreeSet<(Instant, SessionId)>,
}

impl Vanishing {
    /// Watches nothing; a room goes once it has been empty for `grace`.
    pub fn new(grace: Duration) -> Self {
        Self { grace, rooms: HashMap::new(), due: BTreeSet::new() }
    }

    /// Watches a room from now on, or gives it its whole grace anew. `occupied`: somebody is there.
    pub fn watch(&mut self, room: SessionId, occupied: bool, now: Instant) {
        self.rooms.insert(room, None);
        if !occupied {
            self.emptied(room, now);
        }
    }

    /// Somebody is there.
    pub fn entered(&mut self, room: SessionId) {
        if let Some(at) = self.rooms.get_mut(&room).and_then(Option::take) {
            self.due.remove(&(at, room));
        }
    }

    /// The last one has gone.
    pub fn emptied(&mut self, room: SessionId, now: Instant) {
        if let Some(at) = self.rooms.get_mut(&room) {
            let new = now + self.grace;
            if let Some(old) = at.replace(new) {
                self.due.remove(&(old, room));
            }
            self.due.insert((new, room));
        }
    }

    /// Rooms that have been empty for too long; they are watched no more.
    pub fn expired(&mut self, now: Instant) -> Vec<SessionId> {
        let mut over = Vec::new();
        while let Some((at, room)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, room));
            if self.rooms.get(&room) == Some(&Some(at)) {
                self.rooms.remove(&room);
                over.push(room);
            }
        }
        over
    }

    /// How long a room may be empty.
    pub const fn grace(&self) -> Duration {
        self.grace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(60);
    const ROOM: SessionId = SessionId(1);

    #[test]
    fn a_room_goes_one_grace_after_it_was_last_empty() {
        let (mut rooms, start) = (Vanishing::new(GRACE), Instant::now());
        rooms.watch(ROOM, false, start);
        rooms.entered(ROOM);
        assert!(rooms.expired(start + GRACE * 9).is_empty());
        rooms.emptied(ROOM, start + GRACE * 9);
        rooms.entered(ROOM);
        rooms.emptied(ROOM, start + GRACE * 10);
        assert!(rooms.expired(start + GRACE * 10 + GRACE / 2).is_empty());
        assert_eq!(rooms.expired(start + GRACE * 11), vec![ROOM]);
        assert!(rooms.expired(start + GRACE * 99).is_empty());
    }

    #[test]
    fn a_newcomer_gives_the_whole_grace_anew() {
        let (mut rooms, start) = (Vanishing::new(GRACE), Instant::now());
        rooms.watch(ROOM, false, start);
        rooms.watch(ROOM, false, start + GRACE / 2);
        assert!(rooms.expired(start + GRACE).is_empty());
        assert_eq!(rooms.expired(start + GRACE + GRACE / 2), vec![ROOM]);
    }

    #[test]
    fn other_rooms_stay() {
        let (mut rooms, start) = (Vanishing::new(GRACE), Instant::now());
        rooms.emptied(ROOM, start);
        assert!(rooms.expired(start + GRACE * 2).is_empty());
    }
}
