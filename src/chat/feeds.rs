//! Keeps the presence feed and the lobby roster, and broadcasts them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::presence::LiveConnection;
use super::presence_feed::FeedUpdate;
use super::server::ChatServer;
use crate::domain::{CommitOutput, ConnId, Dialect, UserId, VisibilityMatrix};
use crate::store::{Db, Touches, visibility};

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

    pub(super) fn update_presence_feed(&mut self, user: UserId, username: &Arc<str>, is_online: bool) {
        if self.dialects.is_used(Dialect::Contacts) {
            self.presence_feed.changed(user, username, is_online);
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
            if let Some(update) = self.due_presence_feed(now) {
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

    fn due_presence_feed(&mut self, now: Instant) -> Option<FeedUpdate> {
        let (presence, attendance, own) = (&self.presence, &self.attendance, self.store.node().get());
        let online_name = |user| presence.online_name(user).or_else(|| attendance.name_elsewhere(user, own));
        self.presence_feed.due(now, online_name)
    }

    /// Looks up which of the subjects each user of the dialect may see, and delivers what `outputs` gives. Through the writer, so
    /// that the lookup is never older than a block that was delivered before.
    fn broadcast<F>(&self, dialect: Dialect, subjects: Vec<UserId>, outputs: F)
    where
        F: Fn(VisibilityMatrix) -> Vec<CommitOutput> + Send + 'static,
    {
        let directory = self.directory;
        let viewers: Vec<UserId> = self.dialects.users(dialect).collect();
        let look_up = move |db: &mut Db, _| visibility::matrix(db, directory, &viewers, &subjects).map(&outputs);
        self.writer.submit(Touches::nothing(), look_up);
    }
}
