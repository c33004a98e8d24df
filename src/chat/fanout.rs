//! Fan-out: from the ordered output of a commit to one batch for each hub that has a recipient.

use std::time::Instant;

use super::hub_set::HubSet;
use super::messages::Batch;
use super::server::ChatServer;
use crate::domain::{Audience, CommitOutput, ConnId, Delivery, Disconnect, Event};

#[derive(Default)]
pub(super) struct Pending {
    pub deliveries: Vec<Delivery>,
    pub caught_up: Vec<ConnId>,
    pub closings: Vec<(ConnId, Disconnect)>,
}

impl ChatServer {
    /// Acts on effects and delivers events, in order. Closes connections whose commands have an unknown outcome (`lost`).
    pub(super) fn deliver(&mut self, outputs: Vec<CommitOutput>, lost: &[ConnId]) {
        let closings = lost.iter().map(|id| (*id, Disconnect::TryLater)).collect();
        let mut pending = Pending { deliveries: Vec::with_capacity(outputs.len()), closings, ..Pending::default() };
        for output in outputs {
            match output {
                CommitOutput::Event(delivery) => pending.deliveries.extend(self.admit(delivery)),
                CommitOutput::Effect(effect) => self.apply(effect, &mut pending),
            }
        }
        let hubs = self.recipients(&pending);
        let Pending { deliveries, caught_up, closings } = pending;
        let revoked = closings.iter().filter(|(_, why)| *why == Disconnect::TokenEnded);
        let revoked: Vec<ConnId> = revoked.map(|(id, _)| *id).collect();
        let (deliveries, caught_up, closings) = (deliveries.into(), caught_up.into(), closings.into());
        self.send(hubs, Batch { deliveries, caught_up, closings, close_all: None });
        for id in revoked {
            self.remove_connection(id, true);
        }
        self.announce_rooms();
    }

    pub(super) fn send(&self, hubs: HubSet, batch: Batch) {
        for (_, hub) in self.hubs.iter().filter(|(number, _)| hubs.has(*number)) {
            // A hub only moves frames into queues that are bounded themselves, so its mailbox does not grow.
            #[allow(clippy::disallowed_methods)]
            hub.do_send(batch.clone());
        }
    }

    /// Updates rooms by an event. `None` where the event is delivered later.
    fn admit(&mut self, delivery: Delivery) -> Option<Delivery> {
        match (&delivery.event, &delivery.to) {
            (Event::SessionAdded(session), Audience::User(user)) => {
                for hub in self.presence.add_session(*user, session.id) {
                    self.join_room(session.id, hub);
                }
            }
            (Event::SessionRemoved { session, .. }, Audience::User(user)) => {
                for hub in self.presence.remove_session(*user, *session) {
                    self.leave_room(*session, hub);
                }
            }
            (Event::Marked { session, receipt }, _) => {
                let (session, username) = (*session, receipt.username.clone());
                return self.receipts.moved(session, username, delivery, Instant::now());
            }
            _ => {}
        }
        Some(delivery)
    }

    fn recipients(&self, pending: &Pending) -> HubSet {
        let mut hubs = HubSet::default();
        for delivery in &pending.deliveries {
            match delivery.to {
                Audience::Session(session) => self.rooms.hubs(session).for_each(|hub| hubs.add(hub)),
                Audience::User(user) => self.presence.hubs(user).for_each(|hub| hubs.add(hub)),
                Audience::Connection(id) => self.presence.hub(id).into_iter().for_each(|hub| hubs.add(hub)),
                Audience::Dialect(dialect) => self.dialects.hubs(dialect).for_each(|hub| hubs.add(hub)),
            }
        }
        let closing = pending.closings.iter().map(|(id, _)| id);
        closing.chain(&pending.caught_up).filter_map(|id| self.presence.hub(*id)).for_each(|hub| hubs.add(hub));
        hubs
    }
}
