//! Presence that is not announced yet, because nothing can be written: the last change of each user, so that there is never
//! more of it than there are users.
//!
//! No clock and no actix.

use std::collections::HashMap;

use crate::domain::{Delivery, Time, UserId};

/// A user who came or went.
#[derive(Clone, Debug)]
pub(super) struct Announcement {
    /// Who.
    pub user: UserId,
    /// When; becomes their `last_seen`.
    pub at: Time,
    /// The presence events of everybody who may see it.
    pub events: Vec<Delivery>,
}

/// Announcements that wait.
#[derive(Debug, Default)]
pub(super) struct Announcements {
    waiting: HashMap<UserId, (u64, Announcement)>,
    /// Announcements so far; they are made in the order in which each user last changed.
    turn: u64,
}

impl Announcements {
    /// Takes the place of an earlier announcement of the same user.
    pub(super) fn put(&mut self, announcement: Announcement) {
        self.turn += 1;
        self.waiting.insert(announcement.user, (self.turn, announcement));
    }

    /// True where none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// All of them, in order.
    pub(super) fn take(&mut self) -> Vec<Announcement> {
        let mut all: Vec<_> = self.waiting.drain().map(|(_, turned)| turned).collect();
        all.sort_unstable_by_key(|(turn, _)| *turn);
        all.into_iter().map(|(_, announcement)| announcement).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_of_each_user_is_announced_in_the_order_of_the_changes() {
        let mut waiting = Announcements::default();
        assert!(waiting.is_empty() && waiting.take().is_empty());
        for (user, at) in [(1, 10), (2, 20), (3, 30), (1, 40), (2, 50)] {
            waiting.put(Announcement { user: UserId(user), at: Time(at), events: Vec::new() });
        }
        let taken: Vec<(i64, i64)> = waiting.take().into_iter().map(|one| (one.user.0, one.at.0)).collect();
        assert_eq!(taken, [(3, 30), (1, 40), (2, 50)]);
        assert!(waiting.is_empty());
    }
}
