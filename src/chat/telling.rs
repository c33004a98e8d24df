//! The one way by which anything is told: what the ChatServer does about an event itself, and which hubs hear of it.

use std::sync::Arc;
use std::time::Instant;

use super::announcements::Announcement;
use super::hub_set::HubSet;
use super::messages::Batch;
use super::receipts::Told;
use super::server::ChatServer;
use crate::domain::{Acquaintance, Audience, ConnId, Delivery, Disconnect, Event, Relation, Status, Time, UserId};
use crate::store::users;

impl ChatServer {
    /// Acts on what happened, then passes it on to the hubs that have somebody to tell.
    pub(super) fn deliver(&mut self, deliveries: Vec<Delivery>, lost: &[ConnId]) {
        let mut closings: Vec<(ConnId, Disconnect)> = lost.iter().map(|id| (*id, Disconnect::TryLater)).collect();
        let mut told = Vec::with_capacity(deliveries.len());
        let mut hubs = HubSet::default();
        for delivery in deliveries {
            let Some(delivery) = self.act(delivery, &mut told, &mut closings) else { continue };
            told.push(delivery);
        }
        for delivery in &told {
            match delivery.to {
                Audience::Session(session) => self.rooms.hubs(session).for_each(|hub| hubs.add(hub)),
                Audience::User(user) => self.people.hubs(user).for_each(|hub| hubs.add(hub)),
                Audience::Connection(id) => {
                    self.people.connection(id).into_iter().for_each(|known| hubs.add(known.hub));
                }
                Audience::Speaking(tongue) => self.speakers.hubs(tongue).for_each(|hub| hubs.add(hub)),
                Audience::House => {}
            }
        }
        for (id, _) in &closings {
            self.people.connection(*id).into_iter().for_each(|known| hubs.add(known.hub));
        }
        let revoked = closings.iter().filter(|(_, why)| *why == Disconnect::TokenEnded);
        let revoked: Vec<ConnId> = revoked.map(|(id, _)| *id).collect();
        self.send(hubs, Batch { deliveries: told.into(), closings: closings.into(), all: None });
        for id in revoked {
            self.part_with(id, true);
        }
    }

    pub(super) fn send(&self, hubs: HubSet, batch: Batch) {
        for (_, hub) in self.hubs.iter().filter(|(number, _)| hubs.has(*number)) {
            // A hub only moves frames into queues that are bounded themselves, so its mailbox does not grow.
            #[allow(clippy::disallowed_methods)]
            hub.do_send(batch.clone());
        }
    }

    /// What this server itself does about an event. `None`: nobody else hears of it, or not now.
    fn act(
        &mut self,
        delivery: Delivery,
        told: &mut Vec<Delivery>,
        closings: &mut Vec<(ConnId, Disconnect)>,
    ) -> Option<Delivery> {
        match (&delivery.event, &delivery.to) {
            (Event::SessionAdded(session), Audience::User(user)) => {
                for hub in self.people.add_session(*user, session.id) {
                    self.join(session.id, hub);
                }
            }
            (Event::SessionRemoved { session, .. }, Audience::User(user)) => {
                for hub in self.people.remove_session(*user, *session) {
                    self.part(*session, hub);
                }
            }
            (Event::Parted(people), _) => {
                let here = people.iter().filter(|user| self.people.person(**user).is_some());
                let others = |user: &UserId| people.iter().filter(|other| *other != user).copied().collect();
                self.parting.extend(here.map(|user| (*user, others(user))));
                return None;
            }
            (Event::Vanishing { room, shared }, _) => {
                self.watch(&[(*room, *shared)]);
                return None;
            }
            (Event::Expected { guest, door }, _) => {
                self.expect(*guest, *door);
                return None;
            }
            (Event::RoomOverdue { room, grace }, _) => {
                self.vanishing.overdue(*room, *grace, self.rooms.is_open(*room), Instant::now());
                return None;
            }
            (Event::GuestOverdue(guest), _) => {
                self.stays.overdue(*guest, Instant::now());
                return None;
            }
            (Event::Marked { session, receipt }, _) => {
                let now = Instant::now();
                let told = Told { receipt: receipt.clone(), to: delivery.to.clone(), except: delivery.except };
                return self.receipts.moved(*session, told, now).map(|told| told.delivery(*session));
            }
            (Event::Acquainted { a, b, presence }, _) => {
                let pushed = *presence == Acquaintance::Pushed;
                let both = self.people.acquaint(*a, *b, pushed)?;
                self.cross_if_closed(*a, *b);
                // Where it stays visible, ceasing to share a session is not going offline.
                if *presence == Acquaintance::Apart && Relation::STRANGERS.shows_presence(self.directory) {
                    return None;
                }
                for ((user, online), (hearer, _)) in both.iter().zip(both.iter().rev()) {
                    if *online {
                        told.extend(self.presence(*user, *hearer, pushed, None));
                    }
                }
                return None;
            }
            (Event::BlockChanged { a, b, direct }, _) => {
                self.receipts.forget(*direct);
                self.cross(*a, *b);
                return None;
            }
            (Event::InviteDeferred(at), _) => {
                self.deferred = Some(self.deferred.map_or(*at, |known| known.min(*at)));
                return None;
            }
            // On its way through the writer; a block may have come before it.
            (Event::Presence { user, .. }, Audience::User(hearer))
                if !self.people.person(*hearer).is_some_and(|person| person.acquaintances.contains(user)) =>
            {
                return None;
            }
            (Event::TokenEnded(token), _) => {
                let own = self.people.of_token(*token).into_iter();
                closings.extend(own.map(|id| (id, Disconnect::TokenEnded)));
                return None;
            }
            _ => {}
        }
        Some(delivery)
    }

    /// Tells `hearer` of `user`, who is here.
    fn presence(&self, user: UserId, hearer: UserId, online: bool, last_seen: Option<Time>) -> Option<Delivery> {
        let username = Arc::clone(&self.people.person(user)?.username);
        self.people.person(hearer)?;
        let event = Event::Presence { user, username, status: Status::from(online), last_seen };
        Some(Delivery::new(Audience::User(hearer), event))
    }

    /// Keeps the moment at which users came or went, then announces it to everybody who may see it.
    pub(super) fn announce(&mut self, users: Vec<UserId>, online: bool) {
        let at = Time::now();
        let last_seen = (!online).then_some(at);
        let mut announced = Vec::with_capacity(users.len());
        for user in users {
            let mut events = Vec::new();
            if let Some(person) = self.people.person(user) {
                let hearers = person.acquaintances.iter();
                events.extend(hearers.filter_map(|hearer| self.presence(user, *hearer, online, last_seen)));
                self.sight(user, online);
                log::debug!("user {user} is {}", if online { "online" } else { "offline" });
            }
            announced.push(Announcement { user, at, events });
        }
        if !online {
            for Announcement { user, .. } in &announced {
                self.people.forget(*user);
            }
        }
        if self.writer.is_troubled() || !self.announcements.is_empty() {
            announced.into_iter().for_each(|one| self.announcements.put(one));
        } else {
            self.write_down(announced);
        }
    }

    /// Announces what has waited while nothing could be written.
    pub(super) fn announce_waiting(&mut self) {
        if !self.announcements.is_empty() {
            let announced = self.announcements.take();
            self.write_down(announced);
        }
    }

    /// Through the writer, so that whoever is told and then asks hears the same, and coming never overtakes going.
    fn write_down(&self, announced: Vec<Announcement>) {
        self.writer.note(move |db, _| {
            for together in announced.chunk_by(|one, next| one.at == next.at) {
                let at = together.first().map_or(Time(0), |one| one.at);
                let ids: Vec<UserId> = together.iter().map(|one| one.user).collect();
                users::seen(db, &ids, at)?;
            }
            Ok(announced.iter().flat_map(|one| &one.events).cloned().collect())
        });
    }
}
