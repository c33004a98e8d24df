//! Announces who came online and went offline, and pushes it to acquaintances once it is committed.

use std::sync::Arc;

use super::fanout::Pending;
use super::server::ChatServer;
use crate::domain::{Attendance, Audience, CommitOutput, Delivery, Effect, Event, NodeId, Status, Time, UserId};
use crate::store::{Touches, attendance, users};

impl ChatServer {
    pub(super) fn node(&self) -> NodeId {
        self.store.node().get()
    }

    /// True for a user who is online at any node. At this one they are before that is committed.
    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.presence.is_online(user) || self.attendance.is_elsewhere(user, self.node())
    }

    /// The name of a user who is online.
    pub(super) fn online_name(&self, user: UserId) -> Option<Arc<str>> {
        self.presence.online_name(user).or_else(|| self.attendance.name_elsewhere(user, self.node()))
    }

    pub(super) fn online(&self) -> Vec<UserId> {
        let mut online = self.presence.online();
        online.extend(self.attendance.all_elsewhere(self.node()).filter(|user| !self.presence.is_online(*user)));
        online
    }

    /// The presence of a user for `viewer`; `None` where the viewer is not at this node.
    pub(super) fn presence_event(
        &self,
        username: &Arc<str>,
        viewer: UserId,
        is_online: bool,
        last_seen: Option<Time>,
    ) -> Option<Delivery> {
        self.presence.user(viewer)?;
        let event = Event::Presence { username: Arc::clone(username), status: Status::from(is_online), last_seen };
        Some(Delivery::new(Audience::User(viewer), event))
    }

    /// Stores that users came online or went offline at this node, and then announces it to all nodes.
    pub(super) fn announce(&mut self, users: Vec<UserId>, is_online: bool) {
        self.announce_as(users, is_online, false);
    }

    /// The same; with a `goodbye` grace periods end at all nodes.
    pub(super) fn announce_as(&mut self, users: Vec<UserId>, is_online: bool, goodbye: bool) {
        let now = Time::now();
        let mut announced = Vec::with_capacity(users.len());
        for user in users {
            let Some((username, at)) = self.presence.announce(user, is_online, now) else { continue };
            if !is_online {
                self.lobby_roster.went_offline(user);
            }
            let in_lobby = self.lobby_roster.announced(user);
            let is_transient = self.guest_expiry.is_watched(user);
            log::debug!("user {user} is {}", if is_online { "online" } else { "offline" });
            announced.push(Attendance {
                user,
                username,
                is_online,
                is_goodbye: goodbye && !is_online,
                in_lobby,
                is_transient,
                at,
            });
        }
        if self.writer.is_degraded() || !self.announcements.is_empty() {
            announced.into_iter().for_each(|one| self.announcements.put(one));
        } else {
            self.store_announcements(announced);
        }
    }

    /// Announces what was held back while nothing could be written.
    pub(super) fn flush_announcements(&mut self) {
        if !self.announcements.is_empty() {
            let announced = self.announcements.take();
            self.store_announcements(announced);
        }
    }

    /// They go through the writer, so that a query after an event never returns older data, and events keep their order.
    fn store_announcements(&self, announced: Vec<Attendance>) {
        if announced.is_empty() {
            return;
        }
        let identity = self.store.node().clone();
        let touches = Touches::users(announced.iter().map(|one| one.user));
        self.writer.submit(touches, move |db, _| {
            for together in announced.chunk_by(|one, next| one.at == next.at) {
                let at = together.first().map_or(Time(0), |one| one.at);
                let ids: Vec<UserId> = together.iter().map(|one| one.user).collect();
                users::set_last_seen(db, &ids, at)?;
            }
            // The id may have changed since this was submitted.
            let node = identity.get();
            attendance::store(db, node, &announced)?;
            Ok(vec![CommitOutput::Effect(Effect::Attended { node, users: announced.clone() })])
        });
    }

    /// Announces users again who have appeared on the lobby roster of this node while they were online, or disappeared from it.
    pub(super) fn announce_roster(&mut self, changed: Vec<UserId>) {
        let online: Vec<UserId> = changed.into_iter().filter(|user| self.presence.is_online(*user)).collect();
        if self.store.is_clustered() && !online.is_empty() {
            self.announce(online, true);
        }
    }

    /// A user has come online at their first node, or gone offline at the last: for these viewers, and the feeds of this node.
    pub(super) fn push_presence(
        &mut self,
        (user, username): (UserId, &Arc<str>),
        is_online: bool,
        at: Time,
        viewers: Vec<UserId>,
        pending: &mut Pending,
    ) {
        let last_seen = (!is_online).then_some(at);
        for viewer in viewers {
            pending.deliveries.extend(self.presence_event(username, viewer, is_online, last_seen));
        }
        self.update_presence_feed(user, username, is_online);
    }
}
