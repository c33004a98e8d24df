//! Connections that come and go, the rooms they are in, and questions about who is online.

use std::sync::Arc;
use std::time::Instant;

use actix::prelude::*;

use super::messages::{Attach, Census, Enter, Entered, Everybody, Leave, Online, Register};
use super::people::Connection;
use super::server::ChatServer;
use crate::domain::{Refusal, SessionId, UserId};

impl ChatServer {
    /// A connection of `hub` enters a room.
    pub(super) fn join(&mut self, session: SessionId, hub: usize) {
        self.rooms.join(session, hub);
        self.vanishing.entered(session);
    }

    /// A connection of `hub` leaves a room.
    pub(super) fn part(&mut self, session: SessionId, hub: usize) {
        if self.rooms.part(session, hub) {
            self.vanishing.emptied(session, Instant::now());
        }
    }
}

impl Handler<Register> for ChatServer {
    type Result = Result<(), Refusal>;

    fn handle(&mut self, message: Register, _: &mut Context<Self>) -> Self::Result {
        let Register { connection: id, user, username, token, tongue, is_stay, hub } = message;
        let connection = Connection { user, token, tongue, hub, entered: false };
        self.people.register(id, connection, &username, self.user_connections)?;
        self.speakers.came(tongue, user, hub);
        if is_stay {
            self.stays.came(user);
        }
        Ok(())
    }
}

impl Handler<Enter> for ChatServer {
    type Result = Entered;

    fn handle(&mut self, message: Enter, _: &mut Context<Self>) -> Entered {
        let Enter { connection, sessions, acquaintances } = message;
        let entrance = self.people.enter(connection, sessions, acquaintances);
        for (session, hub) in entrance.joins {
            self.join(session, hub);
        }
        let Some(user) = self.people.connection(connection).map(|known| known.user) else {
            return Entered(Vec::new());
        };
        if entrance.came_online {
            self.announce(vec![user], true);
        }
        self.sight_entrance(connection, user);
        self.tell_sightings(Instant::now());
        let around = self.people.person(user).into_iter().flat_map(|person| &person.acquaintances);
        let online = around.filter(|other| self.people.is_online(**other));
        let named = online.filter_map(|other| self.people.person(*other)).map(|other| Arc::clone(&other.username));
        let mut names: Vec<Arc<str>> = named.collect();
        names.sort_unstable();
        Entered(names)
    }
}

impl Handler<Leave> for ChatServer {
    type Result = ();

    fn handle(&mut self, Leave { connection, goodbye }: Leave, _: &mut Context<Self>) {
        self.part_with(connection, goodbye);
    }
}

impl Handler<Online> for ChatServer {
    type Result = Vec<bool>;

    fn handle(&mut self, Online(users): Online, _: &mut Context<Self>) -> Vec<bool> {
        users.into_iter().map(|user| self.people.is_online(user)).collect()
    }
}

impl Handler<Everybody> for ChatServer {
    type Result = Vec<UserId>;

    fn handle(&mut self, _: Everybody, _: &mut Context<Self>) -> Vec<UserId> {
        self.people.online()
    }
}

impl Handler<Census> for ChatServer {
    type Result = MessageResult<Census>;

    fn handle(&mut self, _: Census, _: &mut Context<Self>) -> Self::Result {
        MessageResult((self.rooms.open(), self.people.count_online()))
    }
}

impl Handler<Attach> for ChatServer {
    type Result = ();

    fn handle(&mut self, Attach { hub, recipient }: Attach, _: &mut Context<Self>) {
        self.hubs.push((hub, recipient));
    }
}
