//! The connections of one thread, by id, room and user. The thread's connections and its [`Hub`](super::Hub) share them.

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use super::super::outbound::Link;
use crate::domain::{ConnId, Disconnect, SessionId, UserId};

#[derive(Default)]
pub(crate) struct Links {
    pub(super) all: HashMap<ConnId, Rc<Link>>,
    pub(super) rooms: HashMap<SessionId, Vec<Rc<Link>>>,
    pub(super) users: HashMap<UserId, Vec<Rc<Link>>>,
    /// Connections whose write queues are to be flushed.
    pub(super) dirty: Vec<Rc<Link>>,
    /// The number of the run of deliveries that is being sent.
    pub(super) batch: u64,
}

impl Links {
    pub(crate) fn add(&mut self, link: &Rc<Link>) {
        self.all.insert(link.id, Rc::clone(link));
    }

    /// Subscribes an authenticated connection to what its user receives; it is held back until the handshake is complete.
    pub(crate) fn attach_user(&mut self, link: &Rc<Link>, user: UserId) {
        link.memberships.set_user(Some(user));
        self.users.entry(user).or_default().push(Rc::clone(link));
    }

    /// Subscribes a connection to rooms. Those that it is subscribed to already are ignored.
    pub(crate) fn subscribe(&mut self, link: &Rc<Link>, sessions: &[SessionId]) {
        for session in sessions {
            if link.memberships.subscribe(*session) {
                self.rooms.entry(*session).or_default().push(Rc::clone(link));
            }
        }
    }

    /// Ends the subscription to a session that the connection's user was removed from. It receives nothing more of it; a page
    /// that is being read from the database is dropped.
    pub(super) fn unsubscribe(&mut self, link: &Rc<Link>, session: SessionId) {
        if link.memberships.remove(session) {
            remove_link(&mut self.rooms, session, link);
        }
    }

    pub(crate) fn remove(&mut self, link: &Rc<Link>) {
        self.all.remove(&link.id);
        for session in link.memberships.take_sessions() {
            remove_link(&mut self.rooms, session, link);
        }
        if let Some(user) = link.memberships.user() {
            remove_link(&mut self.users, user, link);
        }
    }

    pub(super) fn close(&self, id: ConnId, why: Disconnect) {
        if let Some(link) = self.all.get(&id) {
            // A guest's token ends together with the guest's room: the event of that is sent first, as far as the socket takes it.
            link.queue.flush();
            link.close(why);
        }
    }
}

fn remove_link<K: Hash + Eq>(from: &mut HashMap<K, Vec<Rc<Link>>>, key: K, link: &Rc<Link>) {
    if let Some(links) = from.get_mut(&key) {
        if let Some(at) = links.iter().position(|other| Rc::ptr_eq(other, link)) {
            links.swap_remove(at);
        }
        if links.is_empty() {
            from.remove(&key);
        }
    }
}
