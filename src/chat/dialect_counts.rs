//! Connections by dialect, for events that are broadcast to all connections of one.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::{Dialect, UserId};

/// Connections of the older dialects. Those of the native one are not counted: nothing is broadcast to all of them.
#[derive(Debug, Default)]
pub(super) struct DialectCounts {
    dialects: HashMap<Dialect, Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    hubs: HashMap<usize, usize>,
    users: HashMap<UserId, usize>,
}

impl DialectCounts {
    pub(super) fn add(&mut self, dialect: Dialect, user: UserId, hub: usize) {
        if dialect != Dialect::Native {
            let counts = self.dialects.entry(dialect).or_default();
            *counts.hubs.entry(hub).or_default() += 1;
            *counts.users.entry(user).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, dialect: Dialect, user: UserId, hub: usize) {
        if let Some(counts) = self.dialects.get_mut(&dialect) {
            decrement(&mut counts.hubs, hub);
            decrement(&mut counts.users, user);
        }
    }

    pub(super) fn is_used(&self, dialect: Dialect) -> bool {
        self.users(dialect).next().is_some()
    }

    pub(super) fn is_used_by(&self, dialect: Dialect, user: UserId) -> bool {
        self.dialects.get(&dialect).is_some_and(|counts| counts.users.contains_key(&user))
    }

    pub(super) fn users(&self, dialect: Dialect) -> impl Iterator<Item = UserId> + '_ {
        self.dialects.get(&dialect).into_iter().flat_map(|counts| counts.users.keys().copied())
    }

    pub(super) fn hubs(&self, dialect: Dialect) -> impl Iterator<Item = usize> + '_ {
        self.dialects.get(&dialect).into_iter().flat_map(|counts| counts.hubs.keys().copied())
    }
}

fn decrement<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);

    #[test]
    fn a_dialect_is_used_until_its_last_connection_ends() {
        let mut counts = DialectCounts::default();
        counts.add(Dialect::Lobby, AVI, 1);
        counts.add(Dialect::Lobby, AVI, 2);
        counts.remove(Dialect::Lobby, AVI, 1);
        assert!(counts.is_used(Dialect::Lobby) && counts.is_used_by(Dialect::Lobby, AVI));
        assert_eq!(counts.hubs(Dialect::Lobby).collect::<Vec<_>>(), vec![2]);
        assert_eq!(counts.users(Dialect::Lobby).collect::<Vec<_>>(), vec![AVI]);
        assert!(!counts.is_used(Dialect::Contacts) && !counts.is_used_by(Dialect::Contacts, AVI));
        counts.remove(Dialect::Lobby, AVI, 2);
        assert!(!counts.is_used(Dialect::Lobby) && counts.hubs(Dialect::Lobby).next().is_none());
    }

    #[test]
    fn native_connections_are_not_counted() {
        let mut counts = DialectCounts::default();
        counts.add(Dialect::Native, AVI, 0);
        assert!(!counts.is_used(Dialect::Native));
    }
}
