//! Presence changes that cannot be announced while nothing can be written: the latest of each user, so they are bounded by the
//! number of users.

use std::collections::{HashMap, HashSet};

use crate::domain::{Attendance, UserId};

#[derive(Debug, Default)]
pub(super) struct Announcements {
    pending: HashMap<UserId, (u64, Attendance)>,
    /// Counts announcements, to keep them in the order of each user's latest change.
    sequence: u64,
    /// Users with a change that was replaced before it was announced.
    replaced: HashSet<UserId>,
}

impl Announcements {
    /// Replaces an earlier announcement of the same user.
    pub(super) fn put(&mut self, announcement: Attendance) {
        self.sequence += 1;
        let user = announcement.user;
        if self.pending.insert(user, (self.sequence, announcement)).is_some() {
            self.replaced.insert(user);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Removes all, in order.
    pub(super) fn take(&mut self) -> Vec<Attendance> {
        let mut all: Vec<_> = self.pending.drain().map(|(_, numbered)| numbered).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, announcement)| announcement).collect()
    }

    /// True, once, for a user with a change that was replaced: connections may have begun in between, and then their snapshot
    /// has what is no longer so, though for others nothing has changed.
    pub(super) fn take_replaced(&mut self, user: UserId) -> bool {
        self.replaced.remove(&user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;

    #[test]
    fn the_last_change_of_each_user_is_announced_in_the_order_of_the_changes() {
        let mut announcements = Announcements::default();
        assert!(announcements.is_empty() && announcements.take().is_empty());
        for (user, at) in [(1, 10), (2, 20), (3, 30), (1, 40), (2, 50)] {
            announcements.put(Attendance {
                user: UserId(user),
                username: "avi".into(),
                is_online: true,
                is_goodbye: false,
                in_lobby: false,
                is_transient: false,
                at: Time(at),
            });
        }
        let taken: Vec<(i64, i64)> = announcements.take().into_iter().map(|one| (one.user.0, one.at.0)).collect();
        assert_eq!(taken, [(3, 30), (1, 40), (2, 50)]);
        assert!(announcements.is_empty());
        assert!(announcements.take_replaced(UserId(1)) && !announcements.take_replaced(UserId(1)));
        assert!(!announcements.take_replaced(UserId(3)));
    }
}
