//! What the ChatServer does without being asked: what an earlier server has left is loaded at the start, and what has come due
//! is done in every tick.

use std::time::Instant;

use actix::prelude::*;

use super::hub_set::HubSet;
use super::messages::Batch;
use super::server::ChatServer;
use crate::domain::{Audience, Delivery, Event, SessionId, Time};
use crate::service;
use crate::store::{invites, rooms, stays, visibility};

/// People looked at in every tick whose session has ended.
const PARTINGS: usize = 4;

impl ChatServer {
    /// Loads deadlines of rooms, guests and invites.
    pub(super) fn load(&self, ctx: &mut Context<Self>) {
        // Rooms that were empty when the last server ended have their whole grace again.
        let store = self.store.clone();
        let looking = async move { store.read(rooms::vanishing).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(found) => server.watch(&found),
            Err(refusal) => log::error!("empty rooms could not be looked up: {}", refusal.code()),
        }));
        // And guests have theirs to come back.
        let store = self.store.clone();
        let looking = async move { store.read(stays::all).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(found) => server.expect_again(found),
            Err(refusal) => log::error!("guests who left could not be ended: {}", refusal.code()),
        }));
        let store = self.store.clone();
        let looking = async move { store.read(invites::next_due).await };
        ctx.spawn(looking.into_actor(self).map(|found, server, _| match found {
            Ok(next) => server.deferred = server.deferred.into_iter().chain(next).min(),
            Err(refusal) => log::error!("deferred invites are not delivered: {}", refusal.code()),
        }));
    }

    /// Ends expired tokens, and notes when the next one expires.
    pub(super) fn sweep_tokens(&mut self, ctx: &mut Context<Self>) {
        self.next_sweep = None;
        let accounts = self.accounts.clone();
        let sweeping = async move { accounts.sweep_tokens().await };
        ctx.spawn(sweeping.into_actor(self).map(|next, server, _| server.next_sweep = Some(next)));
    }

    /// Ends tokens that have expired by the clock.
    pub(super) fn sweep_tokens_if_due(&mut self, ctx: &mut Context<Self>) {
        if self.next_sweep.is_some_and(|next| next <= Time::now()) {
            self.sweep_tokens(ctx);
        }
    }

    /// Watches ephemeral rooms, each with whether somebody other than its creator has been in it.
    pub(super) fn watch(&mut self, found: &[(SessionId, bool)]) {
        for (room, shared) in found {
            self.vanishing.watch(*room, *shared, self.rooms.is_open(*room), Instant::now());
        }
    }

    /// Does what is due: refusals, ends of grace periods and rooms, invites, receipts.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        self.refuse_waiting(now);
        let gone = self.people.expired(now);
        if !gone.is_empty() {
            self.announce(gone, false);
        }
        // What would be written while nothing can be remains due here, where it is bounded.
        if !self.writer.is_troubled() {
            self.announce_waiting();
            self.tell_sightings(now);
            self.end_stays(now);
            self.end_rooms(now);
            if self.deferred.is_some_and(|at| at <= Time::now()) {
                self.deferred = None;
                self.writer.note(invites::deliver_due);
            }
            // Few at a time: what keeps two people acquainted is looked for in all their sessions.
            for (user, others) in self.parting.drain(..self.parting.len().min(PARTINGS)) {
                self.writer.note(move |db, _| visibility::strangers(db, user, &others));
            }
        }
        let due = self.receipts.due(now);
        if !due.is_empty() {
            let told: Vec<Delivery> = due.into_iter().map(|(session, told)| told.delivery(session)).collect();
            self.send(HubSet::ALL, Batch { deliveries: told.into(), closings: [].into(), all: None });
        }
    }

    /// Deletes rooms that have been empty for too long.
    fn end_rooms(&mut self, now: Instant) {
        for (room, grace) in self.vanishing.expired(now) {
            log::debug!("room {room} has been empty for too long");
            let overdue = vec![Delivery::new(Audience::House, Event::RoomOverdue { room, grace })];
            let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
            self.writer.note_or(move |db, now| service::rooms::expire(db, room, grace, now), overdue);
        }
    }
}
