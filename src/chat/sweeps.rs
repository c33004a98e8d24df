//! What is done at the start and in every tick: deadlines that an earlier process left are loaded, and what is due is done.

use std::time::Instant;

use actix::prelude::*;

use super::hub_set::HubSet;
use super::messages::Batch;
use super::server::ChatServer;
use crate::domain::{CommitOutput, Effect, Refusal, SessionId, Time};
use crate::service;
use crate::store::{Db, Error, Touches, invites, rooms, transient_guests, visibility};

/// Former members of dissolved sessions handled in one tick: what keeps two users acquainted is looked up in all their sessions.
const DISSOLVED_PER_TICK: usize = 4;

impl ChatServer {
    /// Loads the deadlines of rooms, guests and invites. After a restart rooms and guests have their whole grace period again.
    pub(super) fn load(&self, ctx: &mut Context<Self>) {
        self.load_one(ctx, "empty rooms", rooms::all_ephemeral, |server, found| server.watch_rooms(&found));
        self.load_one(ctx, "transient guests", transient_guests::all, Self::expect_guests_again);
        self.load_one(ctx, "deferred invites", invites::next_due, |server, next| {
            server.next_deferred_invite = server.next_deferred_invite.into_iter().chain(next).min();
        });
    }

    fn load_one<T: Send + 'static>(
        &self,
        ctx: &mut Context<Self>,
        name: &'static str,
        query: fn(&mut Db) -> Result<T, Error>,
        then: impl FnOnce(&mut Self, T) + 'static,
    ) {
        let store = self.store.clone();
        let loading = async move { store.read(query).await };
        ctx.spawn(loading.into_actor(self).map(move |found: Result<T, Refusal>, server, _| match found {
            Ok(found) => then(server, found),
            Err(refusal) => log::error!("the {name} cannot be loaded: {}", refusal.code()),
        }));
    }

    /// Ends expired tokens, and plans the next sweep.
    pub(super) fn sweep_tokens(&mut self, ctx: &mut Context<Self>) {
        self.next_token_sweep = None;
        let accounts = self.accounts.clone();
        let sweeping = async move { accounts.sweep_tokens().await };
        ctx.spawn(sweeping.into_actor(self).map(|next, server, _| server.next_token_sweep = Some(next)));
    }

    /// Watches ephemeral rooms, each with whether users other than its creator have been in it.
    pub(super) fn watch_rooms(&mut self, rooms: &[(SessionId, bool)]) {
        for (room, shared) in rooms {
            self.room_expiry.watch(*room, *shared, self.is_occupied(*room), Instant::now());
            if self.rooms.is_open(*room) {
                self.occupation_changed_here(*room);
            }
        }
    }

    pub(super) fn tick(&mut self, ctx: &mut Context<Self>) {
        let now = Instant::now();
        self.refuse_overdue(now);
        let offline = self.presence.expired(now);
        if !offline.is_empty() {
            self.announce(offline, false);
        }
        let on_roster = self.lobby_roster.take_unannounced(now);
        self.announce_roster(on_roster);
        // While nothing can be written, what would be written remains due here, where it is bounded.
        if !self.writer.is_degraded() {
            self.flush_announcements();
            self.announce_rooms();
            self.broadcast_feeds(now);
            self.sweep_guests(now);
            self.sweep_rooms(now);
            if self.next_deferred_invite.is_some_and(|at| at <= Time::now()) {
                self.next_deferred_invite = None;
                self.writer.submit(Touches::wide(), service::invites::deliver_due);
            }
            for (user, others) in self.dissolved.drain(..self.dissolved.len().min(DISSOLVED_PER_TICK)) {
                let end = move |db: &mut Db, _| visibility::end_acquaintances(db, user, &others);
                self.writer.submit(Touches::nothing(), end);
            }
        }
        let receipts = self.receipts.due(now);
        if !receipts.is_empty() {
            self.send(HubSet::ALL, Batch { deliveries: receipts.into(), ..Batch::default() });
        }
        if self.next_token_sweep.is_some_and(|next| next <= Time::now()) {
            self.sweep_tokens(ctx);
        }
    }

    fn sweep_rooms(&mut self, now: Instant) {
        for (room, grace) in self.room_expiry.expired(now) {
            log::debug!("room {room} has been empty for too long");
            let overdue = vec![CommitOutput::Effect(Effect::RoomOverdue { room, grace })];
            let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
            let expire = move |db: &mut Db, now| service::membership::expire_room(db, room, grace, now);
            self.writer.submit_or(Touches::dissolving(room), expire, overdue);
        }
    }
}
