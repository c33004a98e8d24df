//! The lobby roster: users with a connection of the lobby dialect, or one lost less than the grace period ago, while they are
//! online, at this node or another. Every connection of the dialect receives it whenever it changes. The visibility matrix has to be looked up before a
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
    /// Users whose [`RosterEntry::is_here`] has changed since it was last announced.
    unannounced: BTreeSet<UserId>,
}

#[derive(Debug)]
struct RosterEntry {
    username: Arc<str>,
    /// Connections to this node.
    connections: usize,
    /// With a connection, or one lost less than the grace period ago.
    is_here: bool,
    /// On the roster of another node.
    is_elsewhere: bool,
}

#[derive(Debug)]
pub(super) struct RosterUpdate {
    /// By name.
    users: Vec<(UserId, Arc<str>)>,
    to: Vec<Audience>,
}

impl LobbyRoster {
    pub(super) fn entered(&mut self, connection: ConnId, user: UserId, username: &Arc<str>) {
        let entry = Self::entry(&mut self.entries, &mut self.changed, user, username);
        entry.connections += 1;
        if !std::mem::replace(&mut entry.is_here, true) {
            self.unannounced.insert(user);
        }
        self.lost.cancel(user);
        self.new_connections.push(connection);
    }

    fn entry<'a>(
        entries: &'a mut HashMap<UserId, RosterEntry>,
        changed: &mut bool,
        user: UserId,
        username: &Arc<str>,
    ) -> &'a mut RosterEntry {
        entries.entry(user).or_insert_with(|| {
            *changed = true;
            RosterEntry { username: Arc::clone(username), connections: 0, is_here: false, is_elsewhere: false }
        })
    }

    /// Sets whether a user is on the roster of another node.
    pub(super) fn set_elsewhere(&mut self, user: UserId, username: &Arc<str>, is_elsewhere: bool) {
        if is_elsewhere {
            Self::entry(&mut self.entries, &mut self.changed, user, username).is_elsewhere = true;
        } else if let Some(entry) = self.entries.get_mut(&user) {
            entry.is_elsewhere = false;
            self.remove_unless_listed(user);
        }
    }

    /// What is known of other nodes is void.
    pub(super) fn forget_elsewhere(&mut self) {
        let elsewhere = self.entries.iter().filter(|(_, entry)| entry.is_elsewhere).map(|(user, _)| *user);
        let elsewhere: Vec<UserId> = elsewhere.collect();
        for user in elsewhere {
            self.set_elsewhere(user, &Arc::default(), false);
        }
    }

    /// Whether a user is on the roster of this node, which is announced now.
    pub(super) fn announced(&mut self, user: UserId) -> bool {
        self.unannounced.remove(&user);
        self.entries.get(&user).is_some_and(|entry| entry.is_here)
    }

    /// Users who have appeared on the roster of this node, or disappeared from it, without an announcement.
    pub(super) fn take_unannounced(&mut self, now: Instant) -> Vec<UserId> {
        self.expire(now);
        std::mem::take(&mut self.unannounced).into_iter().collect()
    }

    fn expire(&mut self, now: Instant) {
        while let Some(user) = self.lost.pop_due(now) {
            self.went_offline(user);
        }
    }

    fn remove_unless_listed(&mut self, user: UserId) {
        if self.entries.get(&user).is_some_and(|entry| !entry.is_here && !entry.is_elsewhere) {
            self.entries.remove(&user);
            self.changed = true;
        }
    }

    /// A connection has ended. After the last one the user is on the roster `until` then, or with `None` no more.
    pub(super) fn left(&mut self, user: UserId, until: Option<Instant>) {
        let Some(entry) = self.entries.get_mut(&user).filter(|entry| entry.is_here) else { return };
        entry.connections = entry.connections.saturating_sub(1);
        if entry.connections > 0 {
            return;
        }
        match until {
            Some(at) => self.lost.insert(user, at),
            None => self.went_offline(user),
        }
    }

    /// A user is no longer on the roster of this node.
    pub(super) fn went_offline(&mut self, user: UserId) {
        self.lost.cancel(user);
        let Some(entry) = self.entries.get_mut(&user) else { return };
        entry.connections = 0;
        if std::mem::replace(&mut entry.is_here, false) {
            self.unannounced.insert(user);
        }
        self.remove_unless_listed(user);
    }

    pub(super) fn visibility_changed(&mut self, a: UserId, b: UserId) {
        if self.entries.contains_key(&a) && self.entries.contains_key(&b) {
            self.visibility_changes.extend([a, b]);
        }
    }

    /// The broadcast that is due: to all connections where the roster has changed, else to new connections and to users whose view
    /// may have changed. `None` where the last one was less than [`INTERVAL`] ago.
    pub(super) fn due(&mut self, now: Instant) -> Option<RosterUpdate> {
        self.expire(now);
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
    fn a_user_is_listed_while_on_the_roster_of_any_node() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        roster.set_elsewhere(AVI, &"avi".into(), true);
        roster.set_elsewhere(LISA, &"Lisa".into(), true);
        roster.left(LISA, None);
        assert_eq!(sent(roster.due(start)), Some((vec![2, 1], all())));
        roster.left(AVI, None);
        assert!(roster.due(start + INTERVAL).is_none(), "he is still at the other node");
        roster.set_elsewhere(AVI, &"avi".into(), false);
        assert_eq!(sent(roster.due(start + INTERVAL * 2)), Some((vec![2], all())));
        roster.forget_elsewhere();
        assert_eq!(sent(roster.due(start + INTERVAL * 3)), Some((Vec::new(), all())));
    }

    #[test]
    fn an_entry_of_this_node_is_announced_when_it_appears_and_when_it_disappears() {
        let (mut roster, start) = (LobbyRoster::default(), Instant::now());
        enter(&mut roster, 1, AVI);
        roster.set_elsewhere(LISA, &"Lisa".into(), true);
        assert_eq!(roster.take_unannounced(start), vec![AVI]);
        assert!(roster.take_unannounced(start).is_empty() && roster.announced(AVI) && !roster.announced(LISA));
        roster.left(AVI, Some(start + INTERVAL));
        assert!(roster.take_unannounced(start).is_empty(), "in the grace period");
        assert_eq!(roster.take_unannounced(start + INTERVAL), vec![AVI]);
        enter(&mut roster, 2, AVI);
        assert!(roster.announced(AVI) && roster.take_unannounced(start).is_empty());
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
