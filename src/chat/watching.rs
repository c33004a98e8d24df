//! How connections that hear of everybody are told who came, who went and who is active: what has been gathered goes through
//! the writer, which looks up who may see whom in the order of all that is told.

use std::time::{Duration, Instant};

use super::people::Exit;
use super::server::ChatServer;
use crate::domain::{ConnId, Delivery, Relation, Tongue, UserId, VisibilityMatrix};
use crate::store::visibility;

impl ChatServer {
    /// A connection has entered.
    pub(super) fn sight_entrance(&mut self, connection: ConnId, user: UserId) {
        let speaks_lobby = self.people.connection(connection).is_some_and(|known| known.tongue == Tongue::Lobby);
        if let Some(person) = self.people.person(user).filter(|_| speaks_lobby) {
            self.attendance.entered(connection, user, &person.username);
        }
    }

    /// A connection has ended; its user is missed for that long, or not at all.
    pub(super) fn sight_exit(&mut self, exit: &Exit, grace: Option<Duration>, now: Instant) {
        self.speakers.left(exit.tongue, exit.user, exit.hub);
        if exit.tongue == Tongue::Lobby && exit.entered {
            self.attendance.left(exit.user, grace.map(|grace| now + grace));
        }
    }

    /// Somebody who is here came online or went offline.
    pub(super) fn sight(&mut self, user: UserId, online: bool) {
        if !online {
            self.attendance.went_offline(user);
        }
        if let Some(person) = self.people.person(user).filter(|_| self.speakers.is_spoken(Tongue::Contacts)) {
            self.sightings.changed(user, &person.username, online);
        }
    }

    /// What these two may see of each other may be another thing now.
    pub(super) fn cross(&mut self, a: UserId, b: UserId) {
        for (viewer, other) in [(a, b), (b, a)] {
            if self.speakers.speaks(Tongue::Contacts, viewer) {
                self.sightings.cross(viewer, other);
            }
        }
        self.attendance.cross(a, b);
    }

    /// Where strangers do not see each other, sharing one session more, or one less, changes what these two may see.
    pub(super) fn cross_if_closed(&mut self, a: UserId, b: UserId) {
        if !Relation::STRANGERS.shows_presence(self.directory) {
            self.cross(a, b);
        }
    }

    /// Announces what has been gathered, as far as it is due. While nothing can be written it goes on being gathered.
    pub(super) fn tell_sightings(&mut self, now: Instant) {
        if self.writer.is_troubled() {
            return;
        }
        if self.speakers.is_spoken(Tongue::Contacts) {
            if let Some(round) = self.sightings.due(now, |user| self.people.online_name(user)) {
                self.look(Tongue::Contacts, round.whom(), move |visibility| round.told(visibility));
            }
        } else {
            self.sightings.forget();
        }
        if self.speakers.is_spoken(Tongue::Lobby)
            && let Some(roll) = self.attendance.due(now)
        {
            self.look(Tongue::Lobby, roll.whom(), move |visibility| roll.told(visibility));
        }
    }

    /// Looks up which of these users each speaker may see, and tells. Through the writer, where a block that is kept earlier
    /// is told of earlier: what was looked up is never older than what has been told.
    fn look<F>(&self, tongue: Tongue, whom: Vec<UserId>, tell: F)
    where
        F: Fn(VisibilityMatrix) -> Vec<Delivery> + Send + 'static,
    {
        let directory = self.directory;
        let viewers: Vec<UserId> = self.speakers.users(tongue).collect();
        self.writer.note(move |db, _| visibility::matrix(db, directory, &viewers, &whom).map(&tell));
    }
}
