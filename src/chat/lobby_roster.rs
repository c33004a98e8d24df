//! The lobby roster: users with a connection of the lobby dialect, or one lost less than the grace period ago, while they are
//! online. Every connection of the dialect receives it whenever it changes. The visibility matrix has to be looked up before a
//! [`RosterUpdate`] is delivered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::expiry::ExpiryQueue;
use super::presence_feed::INTERVAL;
use crate::domain::{ActiveUsers, Audience, CommitOutput, ConnId, Dialect, Event, UserId, VisibilityMatrix};

#[derive(Debug, Default)]
pub(super) struct LobbyRoster {
    entries: HashMap<UserId, RosterEntry>,
    /// Users without a connection of the dialect, in their grace period.
    lost: ExpiryQueue<UserId>,
    /// The roster may differ from what was sent.
    changed: bool,
    /// What was sent last, by name.
    sent: Vec<UserId>,
    sent_at: Option<Instant>,
    new_connections: Vec<ConnId>,
    /// Users who may see another one again, or no longer.
    visibility_changes: BTreeSet<UserId>,
}

#[derive(Debug)]
struct RosterEntry {
    username: Arc<str>,
    connections: usize,
}

#[derive(Debug)]
pub(super) struct RosterUpdate {
    /// By name.
    users: Vec<(UserId, Arc<str>)>,
    to: Vec<Audience>,
}

impl LobbyRoster {
    pub(super) fn entered(&mut self, connection: ConnId, user: UserId, username: &Arc<str>) {
        let entry = self.entries.entry(user).or_insert_with(|| {
            self.changed = true;
            RosterEntry { username: Arc::clone(username), connections: 0 }
        });
        entry.connections += 1;
        self.lost.cancel(user);
        self.new_connections.push(connection);
    }

    /// A connection has ended. After the last one the user is on the roster `until` then, or with `None` no more.
    pub(super) fn left(&mut self, user: UserId, until: Option<Instant>) {
        let Some(entry) = self.entries.get_mut(&user) else { return };
        entry.connections = entry.connections.saturating_sub(1);
        if entry.connections > 0 {
            return;
        }
        match until {
            Some(at) => self.lost.insert(user, at),
            None => self.went_offline(user),
        }
    }

    pub(super) fn went_offline(&mut self, user: UserId) {
        self.lost.cancel(user);
        self.changed |= self.entries.remove(&user).is_some();
    }

    pub(super) fn visibility_changed(&mut self, a: UserId, b: UserId) {
        if self.entries.contains_key(&a) && self.entries.contains_key(&b) {
            self.visibility_changes.extend([a, b]);
        }
    }

    /// The broadcast that is due: to all connections where the roster has changed, else to new connections and to users whose view
    /// may have changed. `None` where the last one was less than [`INTERVAL`] ago.
    pub(super) fn due(&mut self, now: Instant) -> Option<RosterUpdate> {
        while let Some(user) = self.lost.pop_due(now) {
            self.went_offline(user);
        }
        let is_quiet = !self.changed && self.new_connections.is_empty() && self.visibility_changes.is_empty();
        if is_quiet || self.sent_at.is_some_and(|at| now < at + INTERVAL) {
            return None;
        }
        let new_connections = std::mem::take(&mut self.new_connections).into_iter().map(Audience::Connection);
        let visibility_changes = std::mem::take(&mut self.visibility_changes).into_iter().map(Audience::User);
        self.changed = false;
        let entries = self.entries.iter().map(|(user, entry)| (*user, Arc::clone(&entry.username)));
        let mut users: Vec<(UserId, Arc<str>)> = entries.collect();
        users.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
        let before = std::mem::replace(&mut self.sent, users.iter().map(|(user, _)| *user).collect());
        let to = if before == self.sent {
            new_connections.chain(visibility_changes).collect()
        } else {
            vec![Audience::Dialect(Dialect::Lobby)]
        };
        if to.is_empty() {
            return None;
        }
        self.sent_at = Some(now);
        Some(RosterUpdate { users, to })
    }
}

impl RosterUpdate {
    pub(super) fn subjects(&self) -> Vec<UserId> {
        self.users.iter().map(|(user, _)| *user).collect()
    }

    pub(super) fn outputs(&self, visibility: VisibilityMatrix) -> Vec<CommitOutput> {
        let active = Arc::new(ActiveUsers { users: self.users.clone(), visibility });
        let output = |to: &Audience| CommitOutput::event(to.clone(), Event::LobbyRoster(Arc::clone(&active)));
        self.to.iter().map(output).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);

    fn sent(update: Option<RosterUpdate>) -> Option<(Vec<i64>, Vec<Audience>)> {
        update.map(|update| (update.subjects().iter().map(|user| user.0).collect(), update.to))
    }

    fn all() -> Vec<Audience> {
        vec![Audience::Dialect(Dialect::Lobby)]
    }

    fn enter(roster: &mut LobbyRoster, connection: i64, user: UserId) {
        let name = if user == AVI { "avi" } else { "Lisa" };
        roster.entered(ConnId(connection), user, &name.into());
    }

    #[test]
    fn every_change_is_broadcast_in_the_order_of_names() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        assert!(roster.due(start).is_none());
        enter(&mut roster, 1, AVI);
        assert_eq!(sent(roster.due(start)), Some((vec![1], all())));
        enter(&mut roster, 2, LISA);
        assert!(roster.due(start + INTERVAL / 2).is_none());
        assert_eq!(sent(roster.due(start + INTERVAL)), Some((vec![2, 1], all())));
        roster.left(AVI, None);
        assert_eq!(sent(roster.due(start + INTERVAL * 2)), Some((vec![2], all())));
        assert!(roster.due(start + INTERVAL * 9).is_none());
    }

    #[test]
    fn a_user_is_listed_for_the_grace_period() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        enter(&mut roster, 2, LISA);
        roster.due(start);
        roster.left(AVI, Some(start + INTERVAL * 10));
        assert!(roster.due(start + INTERVAL * 9).is_none());
        enter(&mut roster, 3, AVI);
        let only = vec![Audience::Connection(ConnId(3))];
        assert_eq!(sent(roster.due(start + INTERVAL * 9)), Some((vec![2, 1], only)), "to the new connection only");
        assert!(roster.due(start + INTERVAL * 20).is_none());
        roster.left(AVI, Some(start + INTERVAL * 30));
        assert_eq!(sent(roster.due(start + INTERVAL * 30)), Some((vec![2], all())));
    }

    #[test]
    fn a_user_is_listed_until_the_last_connection_ends() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        enter(&mut roster, 2, AVI);
        roster.due(start);
        roster.left(AVI, None);
        assert!(roster.due(start + INTERVAL).is_none());
        roster.left(AVI, None);
        assert_eq!(sent(roster.due(start + INTERVAL * 2)), Some((Vec::new(), all())));
    }

    #[test]
    fn an_offline_user_is_not_listed() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        roster.due(start);
        roster.left(AVI, Some(start + INTERVAL * 10));
        roster.went_offline(AVI);
        roster.went_offline(LISA);
        assert_eq!(sent(roster.due(start + INTERVAL)), Some((Vec::new(), all())));
    }

    #[test]
    fn changes_that_cancel_each_other_are_not_broadcast() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        roster.due(start);
        roster.left(AVI, None);
        enter(&mut roster, 2, AVI);
        let only = vec![Audience::Connection(ConnId(2))];
        assert_eq!(sent(roster.due(start + INTERVAL)), Some((vec![1], only)));
    }

    #[test]
    fn a_block_is_sent_to_its_two_users_only() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        roster.due(start);
        roster.visibility_changed(AVI, LISA);
        assert!(roster.due(start + INTERVAL).is_none(), "she is not on the roster");
        enter(&mut roster, 2, LISA);
        roster.due(start + INTERVAL);
        roster.visibility_changed(AVI, LISA);
        let both = vec![Audience::User(AVI), Audience::User(LISA)];
        assert_eq!(sent(roster.due(start + INTERVAL * 2)), Some((vec![2, 1], both)));
    }
}
