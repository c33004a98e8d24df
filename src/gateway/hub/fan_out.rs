//! Fan-out: the deliveries of a batch, encoded once and queued for every recipient on this thread.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::outbound::{EncodedEvent, Framing, Link, Phase, join};
use super::links::Links;
use crate::domain::{Audience, ConnId, Delivery, Disconnect, Event, Refusal, SessionId, UserId};
use crate::metrics;

type EncodedDelivery<'a> = (&'a Delivery, EncodedEvent);

impl Links {
    pub(super) fn deliver(&mut self, deliveries: &[Delivery]) {
        let mut run = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            // The event that adds a user to a session must be queued before those that happen in it.
            if let Audience::User(user) = delivery.to {
                self.deliver_run(&mut run);
                self.deliver_to_user(user, delivery);
            } else if let Audience::Dialect(dialect) = delivery.to {
                self.deliver_run(&mut run);
                let recipients = self.all.values().filter(|link| link.dialect() == dialect);
                recipients.for_each(|link| enqueue(&mut self.dirty, link, delivery, None));
            } else if let Some(encoded) = EncodedEvent::of(&delivery.event) {
                run.push((delivery, encoded));
            } else if let Audience::Connection(id) = delivery.to {
                self.deliver_run(&mut run);
                // A reply that no client waits for still completes its command, and older dialects may encode the event.
                self.deliver_to_connection(id, delivery, None);
            }
        }
        self.deliver_run(&mut run);
    }

    fn deliver_to_user(&mut self, user: UserId, delivery: &Delivery) {
        let links = self.users.get(&user).cloned().unwrap_or_default();
        if let Event::SessionAdded(session) = &delivery.event {
            for link in &links {
                link.memberships.readmit(session.id);
                self.subscribe(link, &[session.id]);
            }
        }
        if let Event::SessionRemoved { session, .. } = &delivery.event {
            links.iter().for_each(|link| self.unsubscribe(link, *session));
        }
        let encoded = EncodedEvent::of(&delivery.event);
        for link in links.iter().filter(|link| Some(link.id) != delivery.except) {
            enqueue(&mut self.dirty, link, delivery, encoded.as_ref());
        }
    }

    /// Delivers a run of room events and replies. A connection that is sent a reply within the run, or is left out of an event,
    /// has its events queued one by one, in order; all others in a room share the room's events joined to one buffer.
    fn deliver_run(&mut self, run: &mut Vec<EncodedDelivery<'_>>) {
        self.mark_exceptions(run);
        let mut rooms: Vec<(SessionId, Vec<&EncodedDelivery<'_>>)> = Vec::new();
        let mut indices: HashMap<SessionId, usize> = HashMap::new();
        for item in run.iter() {
            let (delivery, encoded) = item;
            match delivery.to {
                Audience::Connection(id) => self.deliver_to_connection(id, delivery, Some(encoded)),
                Audience::Session(session) => {
                    let index = *indices.entry(session).or_insert_with(|| {
                        rooms.push((session, Vec::new()));
                        rooms.len() - 1
                    });
                    rooms.get_mut(index).into_iter().for_each(|(_, events)| events.push(item));
                    let links = self.rooms.get(&session).into_iter().flatten();
                    let marked =
                        links.filter(|link| link.batch.get() == self.batch && Some(link.id) != delivery.except);
                    marked.for_each(|link| enqueue(&mut self.dirty, link, delivery, Some(encoded)));
                }
                Audience::Dialect(_) | Audience::User(_) => {}
            }
        }
        rooms.iter().for_each(|(session, events)| self.broadcast(*session, events));
        run.clear();
    }

    /// Marks the connections that a run treats apart from the others of a room.
    fn mark_exceptions(&mut self, run: &[EncodedDelivery<'_>]) {
        self.batch += 1;
        for (delivery, _) in run {
            let target = if let Audience::Connection(id) = delivery.to { Some(id) } else { None };
            for link in [delivery.except, target].into_iter().flatten().filter_map(|id| self.all.get(&id)) {
                link.batch.set(self.batch);
            }
        }
    }

    /// Queues a room's events for all unmarked connections in it, joined where the connection takes native frames or packets.
    fn broadcast(&mut self, session: SessionId, events: &[&EncodedDelivery<'_>]) {
        let links = self.rooms.get(&session).into_iter().flatten();
        let (frames, packets) = (OnceCell::new(), OnceCell::new());
        let joined = |framing| join(events.iter().map(|(_, encoded)| encoded), framing);
        for link in links.filter(|link| link.batch.get() != self.batch) {
            let is_joined = link.phase() == Phase::Live && link.events().is_none();
            let buffer = match link.queue.framing() {
                Framing::Frames if is_joined => frames.get_or_init(|| joined(Framing::Frames)),
                Framing::PacketFrames if is_joined => packets.get_or_init(|| joined(Framing::PacketFrames)),
                _ => {
                    events.iter().for_each(|(delivery, one)| enqueue(&mut self.dirty, link, delivery, Some(one)));
                    continue;
                }
            };
            link.push(buffer.clone());
            self.dirty.push(Rc::clone(link));
        }
    }

    fn deliver_to_connection(&mut self, id: ConnId, delivery: &Delivery, encoded: Option<&EncodedEvent>) {
        let Some(link) = self.all.get(&id) else { return };
        if let Event::Reply(reply) = &delivery.event {
            link.command_done();
            if let Err(refusal) = &reply.outcome {
                metrics::REFUSALS.count(refusal.code());
                if matches!(refusal, Refusal::RateLimited(_)) {
                    link.rate_limited();
                }
            }
        }
        enqueue(&mut self.dirty, link, delivery, encoded);
    }

    /// A connection in its handshake has received all that its snapshot may contain, and may complete it.
    pub(super) fn catch_up(&self, id: ConnId) {
        if let Some(link) = self.all.get(&id).filter(|link| link.phase() == Phase::Handshaking) {
            link.handshake_buffer.catch_up();
            link.wake();
        }
    }
}

/// Queues an event for one connection, or holds it back during the handshake. Connections whose dialect encodes events for each
/// recipient also receive those without a native frame.
fn enqueue(dirty: &mut Vec<Rc<Link>>, link: &Rc<Link>, delivery: &Delivery, encoded: Option<&EncodedEvent>) {
    match link.phase() {
        Phase::Live => match link.events() {
            Some(events) => {
                events.push(delivery.event.clone());
                link.wake();
            }
            None => {
                encoded.into_iter().for_each(|encoded| link.send(encoded));
                dirty.push(Rc::clone(link));
            }
        },
        // Too much happens during its handshake: the client reconnects for a newer snapshot.
        Phase::Handshaking if !link.handshake_buffer.push(delivery.clone()) => link.close(Disconnect::TryLater),
        Phase::Handshaking | Phase::Unauthenticated | Phase::Closing | Phase::Aborted => {}
    }
}
