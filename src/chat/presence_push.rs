//! Announces to acquaintances who came online and went offline.

use std::sync::Arc;

use super::announcements::Announcement;
use super::server::ChatServer;
use crate::domain::{Audience, CommitOutput, Delivery, Event, Status, Time, UserId};
use crate::store::users;

impl ChatServer {
    /// The presence of `user` for `viewer`; `None` where either is not here.
    pub(super) fn presence_event(
        &self,
        user: UserId,
        viewer: UserId,
        is_online: bool,
        last_seen: Option<Time>,
    ) -> Option<Delivery> {
        let username = Arc::clone(&self.presence.user(user)?.username);
        self.presence.user(viewer)?;
        let event = Event::Presence { user, username, status: Status::from(is_online), last_seen };
        Some(Delivery::new(Audience::User(viewer), event))
    }

    /// Stores when users came online or went offline, and then announces it to everyone who may see it.
    pub(super) fn announce(&mut self, users: Vec<UserId>, is_online: bool) {
        let at = Time::now();
        let last_seen = (!is_online).then_some(at);
        let mut announced = Vec::with_capacity(users.len());
        for user in users {
            let mut events = Vec::new();
            if let Some(known) = self.presence.user(user) {
                let viewers = known.acquaintances.iter();
                let deliveries = viewers.filter_map(|viewer| self.presence_event(user, *viewer, is_online, last_seen));
                events.extend(deliveries.map(CommitOutput::Event));
                self.update_feeds(user, is_online);
                log::debug!("user {user} is {}", if is_online { "online" } else { "offline" });
            }
            announced.push(Announcement { user, at, events });
        }
        if !is_online {
            announced.iter().for_each(|one| self.presence.forget(one.user));
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

    /// The events go through the writer, so that a query after an event never returns older data, and events keep their order.
    fn store_announcements(&self, announced: Vec<Announcement>) {
        self.writer.submit(move |db, _| {
            for together in announced.chunk_by(|one, next| one.at == next.at) {
                let at = together.first().map_or(Time(0), |one| one.at);
                let ids: Vec<UserId> = together.iter().map(|one| one.user).collect();
                users::set_last_seen(db, &ids, at)?;
            }
            Ok(announced.iter().flat_map(|one| &one.events).cloned().collect())
        });
    }
}
