//! Whose connections speak an older dialect, and on which hubs: some of what happens is told to all of them at once.

use std::collections::HashMap;

use crate::domain::{Tongue, UserId};

/// Connections by dialect. Those that speak the native one are not counted: nothing is told to all of them.
#[derive(Debug, Default)]
pub(super) struct Speakers {
    tongues: HashMap<Tongue, Speaking>,
}

/// Connections of one dialect.
#[derive(Debug, Default)]
struct Speaking {
    hubs: HashMap<usize, usize>,
    users: HashMap<UserId, usize>,
}

impl Speakers {
    /// A connection of this user, on this hub, speaks.
    pub(super) fn came(&mut self, tongue: Tongue, user: UserId, hub: usize) {
        if tongue != Tongue::Native {
            let speaking = self.tongues.entry(tongue).or_default();
            *speaking.hubs.entry(hub).or_default() += 1;
            *speaking.users.entry(user).or_default() += 1;
        }
    }

    /// Such a connection is gone.
    pub(super) fn left(&mut self, tongue: Tongue, user: UserId, hub: usize) {
        if let Some(speaking) = self.tongues.get_mut(&tongue) {
            one_less(&mut speaking.hubs, hub);
            one_less(&mut speaking.users, user);
        }
    }

    /// True while any connection speaks it.
    pub(super) fn is_spoken(&self, tongue: Tongue) -> bool {
        self.tongues.get(&tongue).is_some_and(|speaking| !speaking.users.is_empty())
    }

    /// True while a connection of this user speaks it.
    pub(super) fn speaks(&self, tongue: Tongue, user: UserId) -> bool {
        self.tongues.get(&tongue).is_some_and(|speaking| speaking.users.contains_key(&user))
    }

    /// Users with a connection that speaks it.
    pub(super) fn users(&self, tongue: Tongue) -> impl Iterator<Item = UserId> + '_ {
        self.tongues.get(&tongue).into_iter().flat_map(|speaking| speaking.users.keys().copied())
    }

    /// Hubs with a connection that speaks it.
    pub(super) fn hubs(&self, tongue: Tongue) -> impl Iterator<Item = usize> + '_ {
        self.tongues.get(&tongue).into_iter().flat_map(|speaking| speaking.hubs.keys().copied())
    }
}

fn one_less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
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
    fn a_dialect_is_spoken_until_the_last_connection_is_gone() {
        let mut speakers = Speakers::default();
        speakers.came(Tongue::Lobby, AVI, 1);
        speakers.came(Tongue::Lobby, AVI, 2);
        speakers.left(Tongue::Lobby, AVI, 1);
        assert!(speakers.is_spoken(Tongue::Lobby) && speakers.speaks(Tongue::Lobby, AVI));
        assert_eq!(speakers.hubs(Tongue::Lobby).collect::<Vec<_>>(), vec![2]);
        assert_eq!(speakers.users(Tongue::Lobby).collect::<Vec<_>>(), vec![AVI]);
        assert!(!speakers.is_spoken(Tongue::Contacts) && !speakers.speaks(Tongue::Contacts, AVI));
        speakers.left(Tongue::Lobby, AVI, 2);
        assert!(!speakers.is_spoken(Tongue::Lobby) && speakers.hubs(Tongue::Lobby).next().is_none());
    }

    #[test]
    fn what_native_connections_speak_is_not_counted() {
        let mut speakers = Speakers::default();
        speakers.came(Tongue::Native, AVI, 0);
        assert!(!speakers.is_spoken(Tongue::Native));
    }
}
