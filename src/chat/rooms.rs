//! The live side of sessions: how many connections of each hub are in which room, so that a hub hears only of rooms that
//! it has somebody in.

use std::collections::HashMap;

use crate::domain::SessionId;

/// Connections by room and hub.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    counts: HashMap<SessionId, Vec<u32>>,
}

impl Rooms {
    /// A connection of `hub` enters.
    pub(super) fn join(&mut self, session: SessionId, hub: usize) {
        let counts = self.counts.entry(session).or_default();
        if counts.len() <= hub {
            counts.resize(hub + 1, 0);
        }
        if let Some(count) = counts.get_mut(hub) {
            *count += 1;
        }
    }

    /// A connection of `hub` leaves; the last one closes the room: then it is true.
    pub(super) fn part(&mut self, session: SessionId, hub: usize) -> bool {
        let Some(counts) = self.counts.get_mut(&session) else { return false };
        if let Some(count) = counts.get_mut(hub) {
            *count = count.saturating_sub(1);
        }
        let closed = counts.iter().all(|count| *count == 0);
        if closed {
            self.counts.remove(&session);
        }
        closed
    }

    /// True while somebody is in the room.
    pub(super) fn is_open(&self, session: SessionId) -> bool {
        self.counts.contains_key(&session)
    }

    /// How many rooms somebody is in.
    pub(super) fn open(&self) -> usize {
        self.counts.len()
    }

    /// Hubs with somebody in the room.
    pub(super) fn hubs(&self, session: SessionId) -> impl Iterator<Item = usize> + '_ {
        let counts = self.counts.get(&session).map(Vec::as_slice).unwrap_or_default();
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(hub, _)| hub)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rooms_agree_with_a_plain_set(steps in proptest::collection::vec((0_i64..4, 0_usize..3, 0_u8..5, any::<bool>()), 0..200)) {
            let (mut rooms, mut model) = (Rooms::default(), HashSet::new());
            for (session, hub, connection, join) in steps {
                if join {
                    if model.insert((session, hub, connection)) {
                        rooms.join(SessionId(session), hub);
                    }
                } else if model.remove(&(session, hub, connection)) {
                    let closed = rooms.part(SessionId(session), hub);
                    prop_assert_eq!(closed, model.iter().all(|seat| seat.0 != session));
                }
                for session in 0..4 {
                    let hubs: HashSet<usize> = rooms.hubs(SessionId(session)).collect();
                    let expected: HashSet<usize> =
                        model.iter().filter(|seat| seat.0 == session).map(|seat| seat.1).collect();
                    prop_assert_eq!(hubs, expected);
                }
            }
            let open: HashSet<i64> = model.iter().map(|seat| seat.0).collect();
            prop_assert_eq!(rooms.counts.len(), open.len());
        }
    }
}
