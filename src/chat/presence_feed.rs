//! The presence feed: who came online or went offline, and whose presence became visible or hidden, gathered so that a burst of
//! changes is one broadcast. The visibility matrix has to be looked up before a [`FeedUpdate`] is delivered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{
    Audience, CommitOutput, Dialect, Directory, Event, PresenceChanges, Status, UserId, VisibilityMatrix,
};

/// The least time between two broadcasts.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct PresenceFeed {
    changes: HashMap<UserId, StatusChange>,
    /// Counts changes, to keep them in the order of each user's latest one.
    sequence: u64,
    /// Viewers, each with a subject whose presence may have become visible or hidden.
    visibility_changes: BTreeSet<(UserId, UserId)>,
    sent_at: Option<Instant>,
}

#[derive(Debug)]
struct StatusChange {
    username: Arc<str>,
    was_online: bool,
    is_online: bool,
    number: u64,
}

#[derive(Debug)]
pub(super) struct FeedUpdate {
    changes: Vec<(UserId, Arc<str>, Status)>,
    visibility_changes: Vec<VisibilityChange>,
}

/// A subject who may have appeared or disappeared for a viewer.
#[derive(Debug)]
struct VisibilityChange {
    viewer: UserId,
    subject: UserId,
    username: Arc<str>,
    was_online: bool,
    is_online: bool,
}

impl PresenceFeed {
    pub(super) fn changed(&mut self, user: UserId, username: &Arc<str>, is_online: bool) {
        self.sequence += 1;
        let change = self.changes.entry(user).or_insert_with(|| StatusChange {
            username: Arc::clone(username),
            was_online: !is_online,
            is_online,
            number: 0,
        });
        (change.is_online, change.number) = (is_online, self.sequence);
    }

    pub(super) fn visibility_changed(&mut self, viewer: UserId, subject: UserId) {
        self.visibility_changes.insert((viewer, subject));
    }

    /// Drops what was gathered: the feed has no subscribers.
    pub(super) fn clear(&mut self) {
        self.changes.clear();
        self.visibility_changes.clear();
    }

    /// The broadcast that is due; `None` where the changes cancel each other, or the last one was less than [`INTERVAL`] ago.
    /// `online_name` gives the names of users who are online, and of no others.
    pub(super) fn due(&mut self, now: Instant, online_name: impl Fn(UserId) -> Option<Arc<str>>) -> Option<FeedUpdate> {
        let is_quiet = self.changes.is_empty() && self.visibility_changes.is_empty();
        if is_quiet || self.sent_at.is_some_and(|at| now < at + INTERVAL) {
            return None;
        }
        let pairs = std::mem::take(&mut self.visibility_changes).into_iter();
        let pairs = pairs.filter_map(|(viewer, subject)| {
            let (username, was_online, is_online) = match self.changes.get(&subject) {
                Some(change) => (Arc::clone(&change.username), change.was_online, change.is_online),
                // Nothing changes for the viewer of a subject who is and was offline.
                None => (online_name(subject)?, true, true),
            };
            Some(VisibilityChange { viewer, subject, username, was_online, is_online })
        });
        let visibility_changes: Vec<VisibilityChange> = pairs.collect();
        let mut changes: Vec<_> =
            self.changes.drain().filter(|(_, change)| change.was_online != change.is_online).collect();
        if changes.is_empty() && visibility_changes.is_empty() {
            return None;
        }
        self.sent_at = Some(now);
        changes.sort_unstable_by_key(|(_, change)| change.number);
        let latest = |(user, change): (UserId, StatusChange)| (user, change.username, Status::from(change.is_online));
        Some(FeedUpdate { changes: changes.into_iter().map(latest).collect(), visibility_changes })
    }
}

impl FeedUpdate {
    pub(super) fn subjects(&self) -> Vec<UserId> {
        let changes = self.changes.iter().map(|(user, ..)| *user);
        changes.chain(self.visibility_changes.iter().map(|change| change.subject)).collect()
    }

    /// The broadcast of the changes, and an event for each viewer of a subject who has become visible or hidden.
    pub(super) fn outputs(&self, visibility: VisibilityMatrix) -> Vec<CommitOutput> {
        let single: Vec<CommitOutput> =
            self.visibility_changes.iter().filter_map(|change| change.output(&visibility)).collect();
        if self.changes.is_empty() {
            return single;
        }
        let broadcast = output(Audience::Dialect(Dialect::Contacts), self.changes.clone(), visibility);
        std::iter::once(broadcast).chain(single).collect()
    }
}

impl VisibilityChange {
    fn output(&self, visibility: &VisibilityMatrix) -> Option<CommitOutput> {
        let Self { viewer, subject, ref username, was_online, is_online } = *self;
        let status = match visibility.shows_presence(viewer, subject) {
            // A viewer who sees the subject receives changes of status by the broadcast.
            true if is_online && was_online => Status::Online,
            false if was_online => Status::Offline,
            _ => return None,
        };
        // The matrix was applied above; this one shows the change to the viewer and to no other user.
        let visibility = VisibilityMatrix::new(Directory::Open, [viewer]);
        Some(output(Audience::User(viewer), vec![(subject, Arc::clone(username), status)], visibility))
    }
}

fn output(to: Audience, changes: Vec<(UserId, Arc<str>, Status)>, visibility: VisibilityMatrix) -> CommitOutput {
    CommitOutput::event(to, Event::PresenceFeed(Arc::new(PresenceChanges { changes, visibility })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Delivery;

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);

    /// Every user is online.
    fn name(user: UserId) -> Option<Arc<str>> {
        Some(user.0.to_string().into())
    }

    fn change(feed: &mut PresenceFeed, user: UserId, online: bool) {
        feed.changed(user, &name(user).unwrap(), online);
    }

    fn changes(update: Option<FeedUpdate>) -> Vec<(UserId, Status)> {
        update
            .map(|update| update.changes.into_iter().map(|(user, _, status)| (user, status)).collect())
            .unwrap_or_default()
    }

    fn open<const N: usize>(viewers: [UserId; N]) -> VisibilityMatrix {
        VisibilityMatrix::new(Directory::Open, viewers)
    }

    fn received(update: FeedUpdate, visibility: &VisibilityMatrix) -> Vec<(Audience, UserId, Status)> {
        let mut received = Vec::new();
        for output in update.outputs(visibility.clone()) {
            let CommitOutput::Event(Delivery { to, event: Event::PresenceFeed(feed), .. }) = output else {
                panic!("{output:?}")
            };
            received.extend(feed.changes.iter().map(|(user, _, status)| (to.clone(), *user, *status)));
        }
        received
    }

    #[test]
    fn a_burst_of_changes_is_one_broadcast_in_order() {
        let (mut feed, start) = (PresenceFeed::default(), Instant::now());
        assert!(feed.due(start, name).is_none());
        change(&mut feed, UserId(9), true);
        assert_eq!(changes(feed.due(start, name)), vec![(UserId(9), Status::Online)], "at once when idle");
        for user in [5, 3, 8] {
            change(&mut feed, UserId(user), true);
        }
        change(&mut feed, UserId(9), false);
        assert!(feed.due(start + INTERVAL / 2, name).is_none());
        let sent = changes(feed.due(start + INTERVAL, name));
        let order: Vec<i64> = sent.iter().map(|(user, _)| user.0).collect();
        assert_eq!(order, vec![5, 3, 8, 9]);
        assert_eq!(sent.last(), Some(&(UserId(9), Status::Offline)));
        assert!(feed.due(start + INTERVAL * 9, name).is_none());
    }

    #[test]
    fn changes_that_cancel_each_other_are_not_sent() {
        let (mut feed, start) = (PresenceFeed::default(), Instant::now());
        change(&mut feed, AVI, false);
        change(&mut feed, AVI, true);
        change(&mut feed, LISA, true);
        change(&mut feed, LISA, false);
        assert!(feed.due(start, name).is_none());
        change(&mut feed, AVI, false);
        change(&mut feed, AVI, true);
        change(&mut feed, AVI, false);
        assert_eq!(changes(feed.due(start, name)), vec![(AVI, Status::Offline)], "nothing was sent before");
    }

    #[test]
    fn a_block_looks_to_both_users_like_going_offline() {
        let (mut feed, mut visibility) = (PresenceFeed::default(), open([AVI, LISA]));
        visibility.add_block(AVI, LISA);
        feed.visibility_changed(AVI, LISA);
        feed.visibility_changed(LISA, AVI);
        let update = feed.due(Instant::now(), name).unwrap();
        let expected = vec![(Audience::User(AVI), LISA, Status::Offline), (Audience::User(LISA), AVI, Status::Offline)];
        assert_eq!(received(update, &visibility), expected);
    }

    #[test]
    fn a_subject_who_becomes_visible_again_looks_online() {
        let mut feed = PresenceFeed::default();
        feed.visibility_changed(AVI, LISA);
        let update = feed.due(Instant::now(), name).unwrap();
        assert_eq!(update.subjects(), vec![LISA]);
        assert_eq!(received(update, &open([AVI])), vec![(Audience::User(AVI), LISA, Status::Online)]);
        feed.visibility_changed(AVI, LISA);
        assert!(feed.due(Instant::now() + INTERVAL * 2, |_| None).is_none(), "she is not online");
    }

    #[test]
    fn a_user_who_blocks_and_goes_offline_is_offline_for_the_blocked_viewer_too() {
        let (mut feed, mut visibility) = (PresenceFeed::default(), open([AVI]));
        visibility.add_block(AVI, LISA);
        feed.visibility_changed(AVI, LISA);
        change(&mut feed, LISA, false);
        let broadcast = (Audience::Dialect(Dialect::Contacts), LISA, Status::Offline);
        let update = feed.due(Instant::now(), |_| None).unwrap();
        assert_eq!(received(update, &visibility), vec![broadcast, (Audience::User(AVI), LISA, Status::Offline)]);
    }

    #[test]
    fn a_visible_user_who_comes_online_is_sent_once() {
        let mut feed = PresenceFeed::default();
        feed.visibility_changed(AVI, LISA);
        change(&mut feed, LISA, true);
        let update = feed.due(Instant::now(), name).unwrap();
        let broadcast = (Audience::Dialect(Dialect::Contacts), LISA, Status::Online);
        assert_eq!(received(update, &open([AVI])), vec![broadcast]);
    }

    #[test]
    fn a_feed_without_subscribers_is_cleared() {
        let mut feed = PresenceFeed::default();
        change(&mut feed, AVI, true);
        feed.visibility_changed(AVI, LISA);
        feed.clear();
        assert!(feed.due(Instant::now(), name).is_none());
    }
}
