//! Which ephemeral rooms have a connection at this node, as far as it has been announced to other nodes.

use std::collections::{BTreeSet, HashSet};

use crate::domain::SessionId;

#[derive(Debug, Default)]
pub(super) struct OccupiedRooms {
    announced: HashSet<SessionId>,
    /// Rooms that may differ from what was announced.
    changed: BTreeSet<SessionId>,
}

impl OccupiedRooms {
    /// A room has its first connection, or lost its last one.
    pub(super) fn changed(&mut self, room: SessionId) {
        self.changed.insert(room);
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.changed.is_empty()
    }

    pub(super) fn is_announced(&self, room: SessionId) -> bool {
        self.announced.contains(&room)
    }

    /// The rooms to be announced, each with whether it has a connection now.
    pub(super) fn take(&mut self, is_open: impl Fn(SessionId) -> bool) -> Vec<(SessionId, bool)> {
        let mut differing = Vec::new();
        for room in std::mem::take(&mut self.changed) {
            let is_occupied = is_open(room);
            let is_new = if is_occupied { self.announced.insert(room) } else { self.announced.remove(&room) };
            if is_new {
                differing.push((room, is_occupied));
            }
        }
        differing
    }

    /// Nothing counts as announced any more.
    pub(super) fn restart(&mut self) {
        self.changed.extend(self.announced.drain());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: SessionId = SessionId(1);

    #[test]
    fn a_room_is_announced_where_it_differs() {
        let mut rooms = OccupiedRooms::default();
        rooms.changed(ROOM);
        rooms.changed(SessionId(2));
        assert_eq!(rooms.take(|room| room == ROOM), [(ROOM, true)]);
        rooms.changed(ROOM);
        assert!(rooms.take(|_| true).is_empty() && rooms.is_announced(ROOM));
        rooms.changed(ROOM);
        assert_eq!(rooms.take(|_| false), [(ROOM, false)]);
        assert!(!rooms.is_announced(ROOM));
    }

    #[test]
    fn occupied_rooms_are_announced_anew_after_a_restart() {
        let mut rooms = OccupiedRooms::default();
        rooms.changed(ROOM);
        rooms.changed(SessionId(2));
        rooms.take(|_| true);
        rooms.restart();
        assert_eq!(rooms.take(|room| room == ROOM), [(ROOM, true)]);
    }
}
