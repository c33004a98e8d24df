//! Keeps the presence feed and the lobby roster, and broadcasts them.

use std::time::{Duration, Instant};

use super::presence::LiveConnection;
use super::server::ChatServer;
use crate::domain::{CommitOutput, ConnId, Dialect, UserId, VisibilityMatrix};
use crate::store::visibility;

impl ChatServer {
    pub(super) fn add_to_roster(&mut self, connection: ConnId, user: UserId) {
        let is_lobby = self.presence.connection(connection).is_some_and(|known| known.dialect == Dialect::Lobby);
        if let Some(known) = self.presence.user(user).filter(|_| is_lobby) {
            self.lobby_roster.entered(connection, user, &known.username);
        }
    }

    /// A connection has ended; without a `grace` period its user is off the roster at once.
    pub(super) fn remove_from_feeds(&mut self, connection: &LiveConnection, grace: Option<Duration>, now: Instant) {
        self.dialects.remove(connection.dialect, connection.user, connection.hub);
        if connection.dialect == Dialect::Lobby && connection.entered {
            self.lobby_roster.left(connection.user, grace.map(|grace| now + grace));
        }
    }

    pub(super) fn update_feeds(&mut self, user: UserId, is_online: bool) {
        if !is_online {
            self.lobby_roster.went_offline(user);
        }
        if let Some(known) = self.presence.user(user).filter(|_| self.dialects.is_used(Dialect::Contacts)) {
            self.presence_feed.changed(user, &known.username, is_online);
        }
    }

    pub(super) fn visibility_changed(&mut self, a: UserId, b: UserId) {
        for (viewer, subject) in [(a, b), (b, a)] {
            if self.dialects.is_used_by(Dialect::Contacts, viewer) {
                self.presence_feed.visibility_changed(viewer, subject);
            }
        }
        self.lobby_roster.visibility_changed(a, b);
    }

    /// Broadcasts what is due. While nothing can be written, changes accumulate.
    pub(super) fn broadcast_feeds(&mut self, now: Instant) {
        if self.writer.is_degraded() {
            return;
        }
        if self.dialects.is_used(Dialect::Contacts) {
            if let Some(update) = self.presence_feed.due(now, |user| self.presence.online_name(user)) {
                self.broadcast(Dialect::Contacts, update.subjects(), move |matrix| update.outputs(matrix));
            }
        } else {
            self.presence_feed.clear();
        }
        if self.dialects.is_used(Dialect::Lobby)
            && let Some(update) = self.lobby_roster.due(now)
        {
            self.broadcast(Dialect::Lobby, update.subjects(), move |matrix| update.outputs(matrix));
        }
    }

    /// Looks up which of the subjects each user of the dialect may see, and delivers what `outputs` gives. Through the writer, so
    /// that the lookup is never older than a block that was delivered before.
    fn broadcast<F>(&self, dialect: Dialect, subjects: Vec<UserId>, outputs: F)
    where
        F: Fn(VisibilityMatrix) -> Vec<CommitOutput> + Send + 'static,
    {
        let directory = self.directory;
        let viewers: Vec<UserId> = self.dialects.users(dialect).collect();
        self.writer.submit(move |db, _| visibility::matrix(db, directory, &viewers, &subjects).map(&outputs));
    }
}
