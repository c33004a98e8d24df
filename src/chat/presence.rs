//! Users with their live connections, who sees whose presence, and the grace period after a user's last connection.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::expiry::ExpiryQueue;
use super::in_flight::InFlight;
use super::viewers::ViewerIndex;
use crate::domain::{ConnId, Dialect, Refusal, SessionId, Time, TokenId, UserId};

#[derive(Debug)]
pub(super) struct LiveConnection {
    pub user: UserId,
    pub token: TokenId,
    pub dialect: Dialect,
    pub hub: usize,
    /// It is in the rooms of its user's sessions.
    pub entered: bool,
}

/// A user with a connection, or with one lost less than the grace period ago, or who is offline and this is not announced yet.
#[derive(Debug)]
pub(super) struct LiveUser {
    pub username: Arc<str>,
    pub connections: Vec<ConnId>,
    /// Complete once one of the connections has entered.
    pub sessions: HashSet<SessionId>,
    /// The users whose presence is pushed to this one, and this one's to them.
    pub acquaintances: HashSet<UserId>,
    is_online: bool,
    /// The place of coming online in the order of announcements.
    since: u64,
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
    /// `None` where there is one node. The viewers of a user of this node are among their acquaintances.
    viewers: Option<ViewerIndex>,
    in_flight: InFlight,
    /// Counts users who come online, and announcements.
    sequence: u64,
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
    /// For a server whose users are acquainted with users of other nodes.
    pub(super) fn clustered() -> Self {
        Self { viewers: Some(ViewerIndex::default()), ..Self::default() }
    }

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
            since: 0,
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
        if let Some(index) = &mut self.viewers {
            user.acquaintances.iter().for_each(|subject| index.set(*subject, connection.user, true));
        }
        let left = user.left_sessions.clone();
        user.forget_changes_unless_entering();
        let came_online = !std::mem::replace(&mut user.is_online, true);
        if came_online {
            self.sequence += 1;
            user.since = self.sequence;
        }
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
    /// offline and remains known until that is [`Self::announced`].
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
            if !user.is_online && !self.in_flight.contains(connection.user) {
                self.forget(connection.user);
            } else if user.is_online && !went_offline {
                self.lost.insert(connection.user, now + grace);
            }
        }
        Some(LeaveOutcome { connection, rooms, went_offline })
    }

    /// Ends the grace period of a user without a connection. False where there is none.
    pub(super) fn end_grace(&mut self, user: UserId) -> bool {
        let is_lost = self.lost.deadline(user).is_some()
            && self.users.get(&user).is_some_and(|known| known.connections.is_empty());
        if is_lost {
            self.lost.cancel(user);
        }
        is_lost
    }

    pub(super) fn expired(&mut self, now: Instant) -> Vec<UserId> {
        let users = &self.users;
        // A user who is reconnecting may have registered, and not entered yet.
        let is_gone = |user: &UserId| users.get(user).is_some_and(|known| known.connections.is_empty());
        std::iter::from_fn(|| self.lost.pop_due(now)).filter(is_gone).collect()
    }

    /// A user came online, or is offline from here on, and this will be announced. Returns their name, and the time of the
    /// announcement, by which it is recognised.
    pub(super) fn announce(&mut self, id: UserId, is_online: bool, now: Time) -> Option<(Arc<str>, Time)> {
        let user = self.users.get_mut(&id)?;
        if !is_online {
            user.is_online = false;
            self.lost.cancel(id);
        }
        self.sequence += 1;
        Some((Arc::clone(&user.username), self.in_flight.add(id, now, self.sequence)))
    }

    /// An announcement of this node has been committed. Returns who receives it: the viewers who have been online since before it,
    /// as the snapshots of the others have it already.
    pub(super) fn announced(&mut self, id: UserId, at: Time) -> Vec<UserId> {
        let number = self.in_flight.remove(id, at).unwrap_or(u64::MAX);
        let mut viewers = self.viewers(id);
        viewers.retain(|viewer| self.users.get(viewer).is_some_and(|user| user.since < number));
        // Until here the acquaintances of a user who is offline are needed.
        if self.users.get(&id).is_some_and(|user| user.connections.is_empty() && !user.is_online)
            && !self.in_flight.contains(id)
        {
            self.forget(id);
        }
        viewers
    }

    /// Announcements in flight will not be applied.
    pub(super) fn forget_announcements(&mut self) {
        self.in_flight.clear();
        let is_gone = |(_, user): &(&UserId, &LiveUser)| user.connections.is_empty() && !user.is_online;
        let gone: Vec<UserId> = self.users.iter().filter(is_gone).map(|(id, _)| *id).collect();
        gone.into_iter().for_each(|id| self.forget(id));
    }

    fn forget(&mut self, id: UserId) {
        self.lost.cancel(id);
        if let (Some(user), Some(index)) = (self.users.remove(&id), &mut self.viewers) {
            user.acquaintances.iter().for_each(|subject| index.set(*subject, id, false));
        }
    }

    /// The users of this node who receive the presence of `subject`.
    pub(super) fn viewers(&self, subject: UserId) -> Vec<UserId> {
        if let Some(index) = &self.viewers {
            return index.of(subject).collect();
        }
        let sees = |viewer: &UserId| self.users.get(viewer).is_some_and(|user| user.acquaintances.contains(&subject));
        let acquaintances = self.users.get(&subject).into_iter().flat_map(|user| &user.acquaintances);
        acquaintances.copied().filter(sees).collect()
    }

    /// Sets whether two users see each other's presence. Returns true where anything changes for a user of this node.
    pub(super) fn acquaint(&mut self, a: UserId, b: UserId, visible: bool) -> bool {
        let mut changed = false;
        for (one, other) in [(a, b), (b, a)] {
            if let Some(user) = self.users.get_mut(&one) {
                changed |= set(&mut user.acquaintances, other, visible);
                if let Some(index) = &mut self.viewers {
                    index.set(other, one, visible);
                }
                if user.entering > 0 {
                    user.changed_acquaintances.push((other, visible));
                }
            }
        }
        changed
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

    /// True with an entered connection at this node, or one lost less than the grace period ago.
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
mod tests;
