//! Who is here: users with their live connections, who may see whom, and the grace after the last connection is lost.
//!
//! No clock and no actix: `now` is an argument, and what follows from a step is given back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::expiry::ExpiryQueue;
use crate::domain::{ConnId, Refusal, SessionId, TokenId, Tongue, UserId};

/// A live connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// Whose.
    pub user: UserId,
    /// By which token.
    pub token: TokenId,
    /// What it speaks.
    pub tongue: Tongue,
    /// On which hub.
    pub hub: usize,
    /// It is in the rooms of its user's sessions.
    pub entered: bool,
}

/// A user who is here, or was a moment ago.
#[derive(Debug)]
pub(super) struct Person {
    /// Their name.
    pub username: Arc<str>,
    /// Their live connections.
    pub connections: Vec<ConnId>,
    /// The sessions they are in, as far as one of their connections has entered.
    pub sessions: HashSet<SessionId>,
    /// Whose presence is pushed to them, and theirs to those.
    pub acquaintances: HashSet<UserId>,
    online: bool,
    /// Connections between registering and entering; what changes meanwhile is in `missed`.
    arriving: usize,
    missed: Vec<(UserId, bool)>,
    /// Sessions they went from while connections were arriving, which may have been read before.
    parted: HashSet<SessionId>,
}

/// Everybody here.
#[derive(Debug, Default)]
pub(super) struct People {
    connections: HashMap<ConnId, Connection>,
    users: HashMap<UserId, Person>,
    /// Users in their grace period, which follows their last connection.
    lost: ExpiryQueue<UserId>,
}

/// What came of an entrance.
#[derive(Debug, Default)]
pub(super) struct Entrance {
    /// The user was offline before.
    pub came_online: bool,
    /// Rooms that are entered now, each with the hub of the connection that enters.
    pub joins: Vec<(SessionId, usize)>,
}

/// What came of a connection's end.
#[derive(Debug)]
pub(super) struct Exit {
    /// Whose it was.
    pub user: UserId,
    /// What it spoke.
    pub tongue: Tongue,
    /// The hub it was on.
    pub hub: usize,
    /// It had entered.
    pub entered: bool,
    /// Rooms that it was in.
    pub rooms: Vec<SessionId>,
    /// The user is offline now, without grace.
    pub went_offline: bool,
}

impl People {
    /// Adds a connection; `limit` is how many a user may have, 0 any number.
    ///
    /// # Errors
    /// `limit_reached`.
    pub(super) fn register(
        &mut self,
        id: ConnId,
        connection: Connection,
        username: &Arc<str>,
        limit: u32,
    ) -> Result<(), Refusal> {
        let person = self.users.entry(connection.user).or_insert_with(|| Person {
            username: Arc::clone(username),
            connections: Vec::new(),
            sessions: HashSet::new(),
            acquaintances: HashSet::new(),
            online: false,
            arriving: 0,
            missed: Vec::new(),
            parted: HashSet::new(),
        });
        if limit > 0 && person.connections.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(Refusal::LimitReached("You have too many connections. Close one first."));
        }
        person.connections.push(id);
        person.arriving += 1;
        self.connections.insert(id, connection);
        Ok(())
    }

    /// Puts a connection into its user's rooms.
    pub(super) fn enter(&mut self, id: ConnId, sessions: Vec<SessionId>, acquaintances: Vec<UserId>) -> Entrance {
        let Some(connection) = self.connections.get_mut(&id) else { return Entrance::default() };
        let Some(person) = self.users.get_mut(&connection.user) else { return Entrance::default() };
        connection.entered = true;
        person.arriving = person.arriving.saturating_sub(1);
        person.acquaintances.extend(acquaintances);
        // What was read may be older than what was told since: what was told has the last word.
        for (other, visible) in &person.missed {
            set(&mut person.acquaintances, *other, *visible);
        }
        let parted = if person.arriving == 0 {
            person.missed = Vec::new();
            std::mem::take(&mut person.parted)
        } else {
            person.parted.clone()
        };
        let came_online = !std::mem::replace(&mut person.online, true);
        self.lost.cancel(connection.user);
        let hub = connection.hub;
        let mut joins: Vec<_> = person.sessions.iter().map(|session| (*session, hub)).collect();
        // A session that was read before its event came here is entered by the user's other connections too.
        let entered = |id: &&ConnId| self.connections.get(*id).is_some_and(|known| known.entered);
        for session in sessions.into_iter().filter(|session| !parted.contains(session)) {
            if person.sessions.insert(session) {
                let here = person.connections.iter().filter(entered).filter_map(|id| self.connections.get(id));
                joins.extend(here.map(|known| (session, known.hub)));
            }
        }
        Entrance { came_online, joins }
    }

    /// Takes a connection away. The last one starts the grace, or, with `goodbye` or without grace, ends presence.
    pub(super) fn leave(&mut self, id: ConnId, goodbye: bool, grace: Duration, now: Instant) -> Option<Exit> {
        let connection = self.connections.remove(&id)?;
        let person = self.users.get_mut(&connection.user)?;
        person.connections.retain(|other| *other != id);
        let rooms = if connection.entered { person.sessions.iter().copied().collect() } else { Vec::new() };
        if !connection.entered {
            person.arriving = person.arriving.saturating_sub(1);
            if person.arriving == 0 {
                // Nobody is left who would have to hear it; told to a later one it would be old.
                person.missed = Vec::new();
                person.parted = HashSet::new();
            }
        }
        let mut went_offline = false;
        if person.connections.is_empty() {
            went_offline = person.online && (goodbye || grace.is_zero());
            if !person.online {
                self.users.remove(&connection.user);
            } else if !went_offline {
                self.lost.insert(connection.user, now + grace);
            }
        }
        let Connection { user, tongue, hub, entered, .. } = connection;
        Some(Exit { user, tongue, hub, entered, rooms, went_offline })
    }

    /// Users whose grace is over.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<UserId> {
        let mut over = Vec::new();
        while let Some(user) = self.lost.pop_due(now) {
            // Somebody who comes back may have registered, and not entered yet.
            if self.users.get(&user).is_some_and(|person| person.connections.is_empty()) {
                over.push(user);
            }
        }
        over
    }

    /// Forgets a user who is gone, and says what to tell of them.
    pub(super) fn forget(&mut self, user: UserId) -> Option<Person> {
        self.lost.cancel(user);
        self.users.remove(&user)
    }

    /// Two people may, or may no longer, see each other. Gives back whether each is online, where that changes what is
    /// shown.
    pub(super) fn acquaint(&mut self, a: UserId, b: UserId, visible: bool) -> Option<[(UserId, bool); 2]> {
        let mut changed = false;
        for (one, other) in [(a, b), (b, a)] {
            if let Some(person) = self.users.get_mut(&one) {
                changed |= set(&mut person.acquaintances, other, visible);
                if person.arriving > 0 {
                    person.missed.push((other, visible));
                }
            }
        }
        changed.then(|| [(a, self.is_online(a)), (b, self.is_online(b))])
    }

    /// A session is now one of a user's. Gives back the hubs of connections that are to be in its room.
    pub(super) fn add_session(&mut self, user: UserId, session: SessionId) -> Vec<usize> {
        let Some(person) = self.users.get_mut(&user) else { return Vec::new() };
        person.parted.remove(&session);
        if !person.sessions.insert(session) {
            return Vec::new();
        }
        let entered = person.connections.iter().filter_map(|id| self.connections.get(id));
        entered.filter(|connection| connection.entered).map(|connection| connection.hub).collect()
    }

    /// A session is no longer one of a user's. Gives back the hubs of connections that were in its room.
    pub(super) fn remove_session(&mut self, user: UserId, session: SessionId) -> Vec<usize> {
        let Some(person) = self.users.get_mut(&user) else { return Vec::new() };
        if person.arriving > 0 {
            person.parted.insert(session);
        }
        if !person.sessions.remove(&session) {
            return Vec::new();
        }
        let entered = person.connections.iter().filter_map(|id| self.connections.get(id));
        entered.filter(|connection| connection.entered).map(|connection| connection.hub).collect()
    }

    /// True with a live connection, or one lost less than the grace ago.
    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|person| person.online)
    }

    /// The name of somebody who is online.
    pub(super) fn online_name(&self, user: UserId) -> Option<Arc<str>> {
        self.users.get(&user).filter(|person| person.online).map(|person| Arc::clone(&person.username))
    }

    /// How many are online.
    pub(super) fn count_online(&self) -> usize {
        self.users.values().filter(|person| person.online).count()
    }

    /// Everybody who is online.
    pub(super) fn online(&self) -> Vec<UserId> {
        self.users.iter().filter(|(_, person)| person.online).map(|(user, _)| *user).collect()
    }

    /// A user who is here.
    pub(super) fn person(&self, user: UserId) -> Option<&Person> {
        self.users.get(&user)
    }

    /// A live connection.
    pub(super) fn connection(&self, id: ConnId) -> Option<&Connection> {
        self.connections.get(&id)
    }

    /// The live connections of a token.
    pub(super) fn of_token(&self, token: TokenId) -> Vec<ConnId> {
        let own = self.connections.iter().filter(|(_, connection)| connection.token == token);
        own.map(|(id, _)| *id).collect()
    }

    /// Tokens with a live connection.
    pub(super) fn tokens(&self) -> HashSet<TokenId> {
        self.connections.values().map(|connection| connection.token).collect()
    }

    /// Hubs with a connection of this user.
    pub(super) fn hubs(&self, user: UserId) -> impl Iterator<Item = usize> + '_ {
        let own = self.users.get(&user).map(|person| person.connections.as_slice()).unwrap_or_default();
        own.iter().filter_map(|id| self.connections.get(id)).map(|connection| connection.hub)
    }
}

fn set(among: &mut HashSet<UserId>, user: UserId, visible: bool) -> bool {
    if visible { among.insert(user) } else { among.remove(&user) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    const fn connection(user: i64) -> Connection {
        Connection { user: UserId(user), token: TokenId(1), tongue: Tongue::Native, hub: 0, entered: false }
    }

    fn arrive(people: &mut People, id: i64, user: i64) -> Entrance {
        people.register(ConnId(id), connection(user), &"avi".into(), 2).unwrap();
        people.enter(ConnId(id), vec![SessionId(1)], vec![UserId(9)])
    }

    #[test]
    fn several_connections_count_once() {
        let (mut people, now) = (People::default(), Instant::now());
        assert!(arrive(&mut people, 1, 7).came_online);
        assert!(!arrive(&mut people, 2, 7).came_online);
        assert!(!people.leave(ConnId(1), true, GRACE, now).unwrap().went_offline);
        assert!(people.is_online(UserId(7)));
        assert!(people.leave(ConnId(2), true, GRACE, now).unwrap().went_offline);
    }

    #[test]
    fn a_lost_connection_is_forgiven_for_a_while() {
        let (mut people, now) = (People::default(), Instant::now());
        arrive(&mut people, 1, 7);
        assert!(!people.leave(ConnId(1), false, GRACE, now).unwrap().went_offline);
        assert!(people.is_online(UserId(7)) && people.expired(now).is_empty());
        assert_eq!(people.expired(now + GRACE), vec![UserId(7)]);
        assert!(!arrive(&mut people, 2, 7).came_online);
        assert!(people.expired(now + GRACE).is_empty());
    }

    #[test]
    fn the_third_connection_of_two_is_refused() {
        let mut people = People::default();
        arrive(&mut people, 1, 7);
        arrive(&mut people, 2, 7);
        assert!(people.register(ConnId(3), connection(7), &"avi".into(), 2).is_err());
        assert!(people.leave(ConnId(3), false, GRACE, Instant::now()).is_none());
    }

    #[test]
    fn a_session_that_one_goes_from_while_arriving_is_not_entered() {
        let mut people = People::default();
        people.register(ConnId(1), connection(7), &"avi".into(), 0).unwrap();
        people.remove_session(UserId(7), SessionId(1));
        people.remove_session(UserId(7), SessionId(2));
        people.add_session(UserId(7), SessionId(2));
        let joins = people.enter(ConnId(1), vec![SessionId(1), SessionId(2)], Vec::new()).joins;
        assert_eq!(joins, vec![(SessionId(2), 0)]);
        assert_eq!(people.remove_session(UserId(7), SessionId(2)), vec![0]);
    }

    #[test]
    fn what_changes_while_one_arrives_has_the_last_word() {
        let mut people = People::default();
        people.register(ConnId(1), connection(7), &"avi".into(), 0).unwrap();
        people.acquaint(UserId(7), UserId(9), false);
        people.enter(ConnId(1), Vec::new(), vec![UserId(9)]);
        assert!(people.person(UserId(7)).unwrap().acquaintances.is_empty());
    }
}
