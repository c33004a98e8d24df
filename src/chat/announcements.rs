//! Presence changes that cannot be announced while nothing can be written: the latest of each user, so they are bounded by the
//! number of users.

use std::collections::HashMap;

use crate::domain::{CommitOutput, Time, UserId};

#[derive(Clone, Debug)]
pub(super) struct Announcement {
    pub user: UserId,
    /// Becomes the user's `last_seen`.
    pub at: Time,
    pub events: Vec<CommitOutput>,
}

#[derive(Debug, Default)]
pub(super) struct Announcements {
    pending: HashMap<UserId, (u64, Announcement)>,
    /// Counts announcements, to keep them in the order of each user's latest change.
    sequence: u64,
}

impl Announcements {
    /// Replaces an earlier announcement of the same user.
    pub(super) fn put(&mut self, announcement: Announcement) {
        self.sequence += 1;
        self.pending.insert(announcement.user, (self.sequence, announcement));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Removes all, in order.
    pub(super) fn take(&mut self) -> Vec<Announcement> {
        let mut all: Vec<_> = self.pending.drain().map(|(_, numbered)| numbered).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, announcement)| announcement).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_of_each_user_is_announced_in_the_order_of_the_changes() {
        let mut announcements = Announcements::default();
        assert!(announcements.is_empty() && announcements.take().is_empty());
        for (user, at) in [(1, 10), (2, 20), (3, 30), (1, 40), (2, 50)] {
            announcements.put(Announcement { user: UserId(user), at: Time(at), events: Vec::new() });
        }
        let taken: Vec<(i64, i64)> = announcements.take().into_iter().map(|one| (one.user.0, one.at.0)).collect();
        assert_eq!(taken, [(3, 30), (1, 40), (2, 50)]);
        assert!(announcements.is_empty());
    }
}
