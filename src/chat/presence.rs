//! Users with their live connections, who sees whose presence, and the grace period after a user's last connection.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::expiry::ExpiryQueue;
use crate::domain::{ConnId, Dialect, Refusal, SessionId, TokenId, UserId};

#[derive(Debug)]
pub(super) struct LiveConnection {
    pub user: UserId,
    pub token: TokenId,
    pub dialect: Dialect,
    pub hub: usize,
    /// It is in the rooms of its user's sessions.
    pub entered: bool,
}

/// A user with a connection, or with one lost less than the grace period ago.
#[derive(Debug)]
pub(super) struct LiveUser {
    pub username: Arc<str>,
    pub connections: Vec<ConnId>,
    /// Complete once one of the connections has entered.
    pub sessions: HashSet<SessionId>,
    /// The users whose presence is pushed to this one, and this one's to them.
    pub acquaintances: HashSet<UserId>,
    is_online: bool,
    /// Connections that have registered and not entered yet; the two fields below are only for them. What they have read from
    /// the database may be older than these changes.
    entering: usize,
    changed_acquaintances: Vec<(UserId, bool)>,
    left_sessions: HashSet<SessionId>,
}

#[derive(Debug, Default)]
pub(super) struct PresenceTracker {
    connections: HashMap<ConnId, LiveConnection>,
    users: HashMap<UserId, LiveUser>,
    /// Users without a connection, in their grace period.
    lost: ExpiryQueue<UserId>,
}

#[derive(Debug, Default)]
pub(super) struct EnterOutcome {
    pub came_online: bool,
    /// Rooms that are joined, each with the hub of the connection that joins.
    pub joins: Vec<(SessionId, usize)>,
}

#[derive(Debug)]
pub(super) struct LeaveOutcome {
    pub connection: LiveConnection,
    pub rooms: Vec<SessionId>,
    /// The user is offline now, without a grace period.
    pub went_offline: bool,
}

impl PresenceTracker {
    /// Adds a connection. `limit` is the number of connections that a user may have, 0 any number.
    ///
    /// # Errors
    /// `limit_reached`.
    pub(super) fn register(
        &mut self,
        id: ConnId,
        connection: LiveConnection,
        username: &Arc<str>,
        limit: u32,
    ) -> Result<(), Refusal> {
        let user = self.users.entry(connection.user).or_insert_with(|| LiveUser {
            username: Arc::clone(username),
            connections: Vec::new(),
            sessions: HashSet::new(),
            acquaintances: HashSet::new(),
            is_online: false,
            entering: 0,
            changed_acquaintances: Vec::new(),
            left_sessions: HashSet::new(),
        });
        if limit > 0 && user.connections.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(Refusal::LimitReached("You have too many connections. Close one first."));
        }
        user.connections.push(id);
        user.entering += 1;
        self.connections.insert(id, connection);
        Ok(())
    }

    /// Puts a connection into its user's rooms. The arguments were read after the registration.
    pub(super) fn enter(&mut self, id: ConnId, sessions: Vec<SessionId>, acquaintances: Vec<UserId>) -> EnterOutcome {
        let Some(connection) = self.connections.get_mut(&id) else { return EnterOutcome::default() };
        let Some(user) = self.users.get_mut(&connection.user) else { return EnterOutcome::default() };
        connection.entered = true;
        user.entering = user.entering.saturating_sub(1);
        user.acquaintances.extend(acquaintances);
        for (other, visible) in &user.changed_acquaintances {
            set(&mut user.acquaintances, *other, *visible);
        }
        let left = user.left_sessions.clone();
        user.forget_changes_unless_entering();
        let came_online = !std::mem::replace(&mut user.is_online, true);
        self.lost.cancel(connection.user);
        let hub = connection.hub;
        let mut joins: Vec<_> = user.sessions.iter().map(|session| (*session, hub)).collect();
        // A session that was read before its event was delivered is joined by the user's other connections too.
        for session in sessions.into_iter().filter(|session| !left.contains(session)) {
            if user.sessions.insert(session) {
                joins.extend(entered_hubs(&self.connections, user).map(|hub| (session, hub)));
            }
        }
        EnterOutcome { came_online, joins }
    }

    /// Removes a connection. After a user's last one the grace period begins or, with `goodbye` or without `grace`, the user is
    /// offline and remains known until [`Self::forget`].
    pub(super) fn leave(&mut self, id: ConnId, goodbye: bool, grace: Duration, now: Instant) -> Option<LeaveOutcome> {
        let connection = self.connections.remove(&id)?;
        let user = self.users.get_mut(&connection.user)?;
        user.connections.retain(|other| *other != id);
        let rooms = if connection.entered { user.sessions.iter().copied().collect() } else { Vec::new() };
        if !connection.entered {
            user.entering = user.entering.saturating_sub(1);
            user.forget_changes_unless_entering();
        }
        let mut went_offline = false;
        if user.connections.is_empty() {
            went_offline = user.is_online && (goodbye || grace.is_zero());
            if !user.is_online {
                self.users.remove(&connection.user);
            } else if !went_offline {
                self.lost.insert(connection.user, now + grace);
            }
        }
        Some(LeaveOutcome { connection, rooms, went_offline })
    }

    pub(super) fn expired(&mut self, now: Instant) -> Vec<UserId> {
        let users = &self.users;
        // A user who is reconnecting may have registered, and not entered yet.
        let is_gone = |user: &UserId| users.get(user).is_some_and(|known| known.connections.is_empty());
        std::iter::from_fn(|| self.lost.pop_due(now)).filter(is_gone).collect()
    }

    pub(super) fn forget(&mut self, user: UserId) {
        self.lost.cancel(user);
        self.users.remove(&user);
    }

    /// Sets whether two users see each other's presence. Returns whether each is online, where anything changes.
    pub(super) fn acquaint(&mut self, a: UserId, b: UserId, visible: bool) -> Option<[(UserId, bool); 2]> {
        let mut changed = false;
        for (one, other) in [(a, b), (b, a)] {
            if let Some(user) = self.users.get_mut(&one) {
                changed |= set(&mut user.acquaintances, other, visible);
                if user.entering > 0 {
                    user.changed_acquaintances.push((other, visible));
                }
            }
        }
        changed.then(|| [(a, self.is_online(a)), (b, self.is_online(b))])
    }

    /// Adds a session to a user's. Returns the hubs of the connections that join its room.
    pub(super) fn add_session(&mut self, user: UserId, session: SessionId) -> Vec<usize> {
        let Some(user) = self.users.get_mut(&user) else { return Vec::new() };
        user.left_sessions.remove(&session);
        let is_new = user.sessions.insert(session);
        if is_new { entered_hubs(&self.connections, user).collect() } else { Vec::new() }
    }

    /// Removes a session from a user's. Returns the hubs of the connections that leave its room.
    pub(super) fn remove_session(&mut self, user: UserId, session: SessionId) -> Vec<usize> {
        let Some(user) = self.users.get_mut(&user) else { return Vec::new() };
        if user.entering > 0 {
            user.left_sessions.insert(session);
        }
        let was_member = user.sessions.remove(&session);
        if was_member { entered_hubs(&self.connections, user).collect() } else { Vec::new() }
    }

    /// True with an entered connection, or one lost less than the grace period ago.
    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.is_online)
    }

    pub(super) fn online_name(&self, user: UserId) -> Option<Arc<str>> {
        self.users.get(&user).filter(|user| user.is_online).map(|user| Arc::clone(&user.username))
    }

    pub(super) fn online(&self) -> Vec<UserId> {
        self.users.iter().filter(|(_, user)| user.is_online).map(|(id, _)| *id).collect()
    }

    pub(super) fn user(&self, user: UserId) -> Option<&LiveUser> {
        self.users.get(&user)
    }

    pub(super) fn connection(&self, id: ConnId) -> Option<&LiveConnection> {
        self.connections.get(&id)
    }

    /// Every connection.
    pub(super) fn all(&self) -> impl Iterator<Item = ConnId> {
        self.connections.keys().copied()
    }

    pub(super) fn of_token(&self, token: TokenId) -> Vec<ConnId> {
        let own = self.connections.iter().filter(|(_, connection)| connection.token == token);
        own.map(|(id, _)| *id).collect()
    }

    pub(super) fn tokens(&self) -> HashSet<TokenId> {
        self.connections.values().map(|connection| connection.token).collect()
    }

    pub(super) fn hub(&self, id: ConnId) -> Option<usize> {
        self.connections.get(&id).map(|connection| connection.hub)
    }

    /// The hub of each connection of a user, entered or not.
    pub(super) fn hubs(&self, user: UserId) -> impl Iterator<Item = usize> + '_ {
        self.users.get(&user).into_iter().flat_map(|user| &user.connections).filter_map(|id| self.hub(*id))
    }
}

impl LiveUser {
    fn forget_changes_unless_entering(&mut self) {
        if self.entering == 0 {
            self.changed_acquaintances = Vec::new();
            self.left_sessions = HashSet::new();
        }
    }
}

fn entered_hubs<'a>(
    connections: &'a HashMap<ConnId, LiveConnection>,
    user: &'a LiveUser,
) -> impl Iterator<Item = usize> + 'a {
    let known = user.connections.iter().filter_map(|id| connections.get(id));
    known.filter(|connection| connection.entered).map(|connection| connection.hub)
}

fn set(among: &mut HashSet<UserId>, user: UserId, visible: bool) -> bool {
    if visible { among.insert(user) } else { among.remove(&user) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    const fn connection(user: i64) -> LiveConnection {
        LiveConnection { user: UserId(user), token: TokenId(1), dialect: Dialect::Native, hub: 0, entered: false }
    }

    fn connect(presence: &mut PresenceTracker, id: i64, user: i64) -> EnterOutcome {
        presence.register(ConnId(id), connection(user), &"avi".into(), 2).unwrap();
        presence.enter(ConnId(id), vec![SessionId(1)], vec![UserId(9)])
    }

    #[test]
    fn several_connections_of_a_user_count_once() {
        let (mut presence, now) = (PresenceTracker::default(), Instant::now());
        assert!(connect(&mut presence, 1, 7).came_online);
        assert!(!connect(&mut presence, 2, 7).came_online);
        assert!(!presence.leave(ConnId(1), true, GRACE, now).unwrap().went_offline);
        assert!(presence.is_online(UserId(7)));
        assert!(presence.leave(ConnId(2), true, GRACE, now).unwrap().went_offline);
    }

    #[test]
    fn a_user_is_online_for_the_grace_period() {
        let (mut presence, now) = (PresenceTracker::default(), Instant::now());
        connect(&mut presence, 1, 7);
        assert!(!presence.leave(ConnId(1), false, GRACE, now).unwrap().went_offline);
        assert!(presence.is_online(UserId(7)) && presence.expired(now).is_empty());
        assert_eq!(presence.expired(now + GRACE), vec![UserId(7)]);
        assert!(!connect(&mut presence, 2, 7).came_online);
        assert!(presence.expired(now + GRACE).is_empty());
    }

    #[test]
    fn a_connection_above_the_limit_is_refused() {
        let mut presence = PresenceTracker::default();
        connect(&mut presence, 1, 7);
        connect(&mut presence, 2, 7);
        assert!(presence.register(ConnId(3), connection(7), &"avi".into(), 2).is_err());
        assert!(presence.leave(ConnId(3), false, GRACE, Instant::now()).is_none());
    }

    #[test]
    fn a_session_that_is_left_during_the_handshake_is_not_joined() {
        let mut presence = PresenceTracker::default();
        presence.register(ConnId(1), connection(7), &"avi".into(), 0).unwrap();
        presence.remove_session(UserId(7), SessionId(1));
        presence.remove_session(UserId(7), SessionId(2));
        presence.add_session(UserId(7), SessionId(2));
        let joins = presence.enter(ConnId(1), vec![SessionId(1), SessionId(2)], Vec::new()).joins;
        assert_eq!(joins, vec![(SessionId(2), 0)]);
        assert_eq!(presence.remove_session(UserId(7), SessionId(2)), vec![0]);
    }

    #[test]
    fn changes_during_the_handshake_win_over_what_was_read_before() {
        let mut presence = PresenceTracker::default();
        presence.register(ConnId(1), connection(7), &"avi".into(), 0).unwrap();
        presence.acquaint(UserId(7), UserId(9), false);
        presence.enter(ConnId(1), Vec::new(), vec![UserId(9)]);
        assert!(presence.user(UserId(7)).unwrap().acquaintances.is_empty());
    }
}
