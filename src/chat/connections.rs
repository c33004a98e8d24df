//! Handlers for connections that begin and end, and for queries of presence.

use std::sync::Arc;
use std::time::Instant;

use actix::prelude::*;

use super::messages::{Attach, Enter, Entered, Leave, LiveCounts, OnlineStatus, OnlineUsers, Register};
use super::presence::LiveConnection;
use super::server::ChatServer;
use crate::domain::{Refusal, SessionId, UserId};

impl ChatServer {
    pub(super) fn join_room(&mut self, session: SessionId, hub: usize) {
        if self.rooms.join(session, hub) {
            self.occupation_changed_here(session);
        }
        self.room_expiry.occupied(session);
    }

    pub(super) fn leave_room(&mut self, session: SessionId, hub: usize) {
        if self.rooms.leave(session, hub) {
            self.occupation_changed_here(session);
            if !self.is_occupied(session) {
                self.room_expiry.emptied(session, Instant::now());
            }
        }
    }
}

impl Handler<Register> for ChatServer {
    type Result = Result<(), Refusal>;

    fn handle(&mut self, message: Register, _: &mut Context<Self>) -> Self::Result {
        let Register { connection: id, user, username, token, dialect, is_transient, hub } = message;
        let connection = LiveConnection { user, token, dialect, hub, entered: false };
        self.presence.register(id, connection, &username, self.user_connections)?;
        self.dialects.add(dialect, user, hub);
        if is_transient {
            self.guest_expiry.connected(user);
        }
        Ok(())
    }
}

impl Handler<Enter> for ChatServer {
    type Result = Entered;

    fn handle(&mut self, message: Enter, _: &mut Context<Self>) -> Entered {
        let Enter { connection, sessions, acquaintances } = message;
        let outcome = self.presence.enter(connection, sessions, acquaintances);
        for (session, hub) in outcome.joins {
            self.join_room(session, hub);
        }
        let Some(user) = self.presence.connection(connection).map(|known| known.user) else {
            return Entered(Vec::new());
        };
        self.add_to_roster(connection, user);
        if outcome.came_online {
            self.announce(vec![user], true);
        }
        self.announce_rooms();
        self.broadcast_feeds(Instant::now());
        let acquaintances = self.presence.user(user).into_iter().flat_map(|known| &known.acquaintances);
        let mut names: Vec<Arc<str>> = acquaintances.filter_map(|other| self.online_name(*other)).collect();
        names.sort_unstable();
        Entered(names)
    }
}

impl Handler<Leave> for ChatServer {
    type Result = ();

    fn handle(&mut self, Leave { connection, goodbye }: Leave, _: &mut Context<Self>) {
        self.remove_connection(connection, goodbye);
    }
}

impl Handler<OnlineStatus> for ChatServer {
    type Result = Vec<bool>;

    fn handle(&mut self, OnlineStatus(users): OnlineStatus, _: &mut Context<Self>) -> Vec<bool> {
        users.into_iter().map(|user| self.is_online(user)).collect()
    }
}

impl Handler<OnlineUsers> for ChatServer {
    type Result = Vec<UserId>;

    fn handle(&mut self, _: OnlineUsers, _: &mut Context<Self>) -> Vec<UserId> {
        self.online()
    }
}

impl Handler<LiveCounts> for ChatServer {
    type Result = MessageResult<LiveCounts>;

    fn handle(&mut self, _: LiveCounts, _: &mut Context<Self>) -> Self::Result {
        MessageResult((self.rooms.count_open(), self.online().len()))
    }
}

impl Handler<Attach> for ChatServer {
    type Result = ();

    fn handle(&mut self, Attach { hub, recipient }: Attach, _: &mut Context<Self>) {
        self.hubs.push((hub, recipient));
    }
}
