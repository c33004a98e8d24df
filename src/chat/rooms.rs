//! Connections counted by room and hub: a hub receives only the events of rooms that one of its connections is in.

use std::collections::HashMap;

use crate::domain::SessionId;

#[derive(Debug, Default)]
pub(super) struct RoomCounts {
    /// By session; the index is the hub.
    counts: HashMap<SessionId, Vec<u32>>,
}

impl RoomCounts {
    /// True for the first connection.
    pub(super) fn join(&mut self, session: SessionId, hub: usize) -> bool {
        let counts = self.counts.entry(session).or_default();
        let is_first = counts.is_empty();
        if counts.len() <= hub {
            counts.resize(hub + 1, 0);
        }
        if let Some(count) = counts.get_mut(hub) {
            *count += 1;
        }
        is_first
    }

    /// True where the last connection has left.
    pub(super) fn leave(&mut self, session: SessionId, hub: usize) -> bool {
        let Some(counts) = self.counts.get_mut(&session) else { return false };
        if let Some(count) = counts.get_mut(hub) {
            *count = count.saturating_sub(1);
        }
        let is_empty = counts.iter().all(|count| *count == 0);
        if is_empty {
            self.counts.remove(&session);
        }
        is_empty
    }

    pub(super) fn is_open(&self, session: SessionId) -> bool {
        self.counts.contains_key(&session)
    }

    pub(super) fn count_open(&self) -> usize {
        self.counts.len()
    }

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
            let (mut rooms, mut model) = (RoomCounts::default(), HashSet::new());
            for (session, hub, connection, join) in steps {
                if join {
                    if model.insert((session, hub, connection)) {
                        let opened = rooms.join(SessionId(session), hub);
                        prop_assert_eq!(opened, model.iter().filter(|entry| entry.0 == session).count() == 1);
                    }
                } else if model.remove(&(session, hub, connection)) {
                    let closed = rooms.leave(SessionId(session), hub);
                    prop_assert_eq!(closed, model.iter().all(|entry| entry.0 != session));
                }
                for session in 0..4 {
                    let hubs: HashSet<usize> = rooms.hubs(SessionId(session)).collect();
                    let expected: HashSet<usize> =
                        model.iter().filter(|entry| entry.0 == session).map(|entry| entry.1).collect();
                    prop_assert_eq!(hubs, expected);
                }
            }
            let open: HashSet<i64> = model.iter().map(|entry| entry.0).collect();
            prop_assert_eq!(rooms.counts.len(), open.len());
        }
    }
}
