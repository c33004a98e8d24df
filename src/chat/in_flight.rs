//! Announcements of presence that are not committed and applied yet, each with its place in the order of what connections of this
//! node have been sent.

use std::collections::HashMap;

use crate::domain::{Time, UserId};

#[derive(Debug, Default)]
pub(super) struct InFlight {
    /// By user, the oldest first.
    announcements: HashMap<UserId, Vec<(Time, u64)>>,
}

impl InFlight {
    /// Adds an announcement. Returns its time, which is later than that of the user's last one.
    pub(super) fn add(&mut self, user: UserId, now: Time, number: u64) -> Time {
        let own = self.announcements.entry(user).or_default();
        let at = own.last().map_or(now, |(last, _)| now.max(last.plus(1)));
        own.push((at, number));
        at
    }

    /// Removes the announcement of that time, which has been applied, and all earlier ones, which it may have replaced. Returns
    /// its number; `None` where it is not known.
    pub(super) fn remove(&mut self, user: UserId, at: Time) -> Option<u64> {
        let own = self.announcements.get_mut(&user)?;
        let number = own.iter().find(|(known, _)| *known == at).map(|(_, number)| *number);
        own.retain(|(known, _)| *known > at);
        if own.is_empty() {
            self.announcements.remove(&user);
        }
        number
    }

    pub(super) fn contains(&self, user: UserId) -> bool {
        self.announcements.contains_key(&user)
    }

    pub(super) fn clear(&mut self) {
        self.announcements.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);

    #[test]
    fn announcements_of_a_user_have_times_of_their_own() {
        let mut in_flight = InFlight::default();
        let times = [1, 2, 3].map(|number| in_flight.add(AVI, Time(10), number).0);
        assert_eq!(times, [10, 11, 12]);
        assert_eq!(in_flight.remove(AVI, Time(11)), Some(2));
        assert_eq!(in_flight.remove(AVI, Time(10)), None, "replaced");
        assert!(in_flight.contains(AVI));
        assert_eq!(in_flight.remove(AVI, Time(12)), Some(3));
        assert!(!in_flight.contains(AVI));
    }
}
