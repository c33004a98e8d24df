//! Connections whose protocol replays messages: how they begin without a snapshot, and continue when their token ends.

use std::collections::HashSet;
use std::time::Instant;

use actix::prelude::*;

use super::super::super::outbound::{EventQueue, Phase};
use super::super::Connection;
use super::delivered::DeliveryTracker;
use super::replay::Replay;
use crate::domain::{Backlog, Delivery, Event, Invite, InviteId, Refusal};
use crate::protocol::{InitialState, ReplayContext, Response};

impl Connection {
    /// Completes the handshake. Pending invites and the events that were held back are queued; messages are replayed as soon as
    /// the protocol starts it.
    pub(in crate::gateway) fn begin_replaying(
        &mut self,
        backlogs: &[Backlog],
        invites: Vec<Invite>,
        (older, newer): (Vec<Delivery>, Vec<Delivery>),
        ctx: &mut Context<Self>,
    ) {
        self.notice_token_end(ctx);
        if self.link.phase() != Phase::Handshaking {
            return;
        }
        let (Some(replaying), Some(who)) = (&mut self.replaying, self.identity.clone()) else { return };
        if replaying.sent_to.replace(who.user.id) != Some(who.user.id) {
            replaying.tracker = DeliveryTracker::default();
        }
        replaying.replay = Replay::of(backlogs, |session| replaying.tracker.sent_up_to(session));
        self.link.enter_phase(Phase::Live);
        log::debug!("connection {} of user {} is replayed to", self.link.id, who.user.id);
        let sessions = self.link.memberships.sessions();
        let state = InitialState::Replay(ReplayContext { me: &who.user, backlogs, sessions: &sessions });
        let steps = self.protocol.start(self.handshake_request.take().as_ref(), state, Instant::now());
        drop(sessions);
        if let Some(events) = self.link.events() {
            let known: HashSet<InviteId> = invites.iter().map(|invite| invite.id).collect();
            invites.into_iter().for_each(|invite| events.push(Event::Invited(invite.into())));
            let is_known = |event: &Event| matches!(event, Event::Invited(invite) if known.contains(&invite.id));
            let older = older.into_iter().filter(|delivery| !is_known(&delivery.event));
            older.chain(newer).for_each(|delivery| events.push(delivery.event));
        }
        self.follow(steps, ctx);
        self.send_events(ctx);
    }

    /// Refuses the handshake, and lets the connection continue unauthenticated. False where its protocol does not allow that.
    pub(in crate::gateway) fn outlives_failed_handshake(&mut self, refusal: &Refusal) -> bool {
        let continues = self.link.phase() == Phase::Handshaking && self.protocol.survives_token();
        if continues {
            self.count_unauthenticated();
            self.reset_identity(false);
            let request = self.handshake_request.take();
            self.respond(request.as_ref(), Response::Outcome(&Err(refusal.clone())));
            self.link.enter_phase(Phase::Unauthenticated);
            self.link.wake();
        }
        continues
    }

    /// If the token has ended, lets the connection continue unauthenticated.
    pub(super) fn notice_token_end(&mut self, ctx: &mut Context<Self>) {
        if !self.link.events().is_some_and(EventQueue::take_token_end) {
            return;
        }
        if self.link.phase() == Phase::Handshaking {
            return self.fail_handshake(Refusal::Unauthenticated);
        }
        let goodbye = std::mem::take(&mut self.goodbye);
        self.reset_identity(goodbye);
        self.count_unauthenticated();
        // The frames behind a logout were not read until now.
        self.lookup_pending &= !goodbye;
        let steps = self.protocol.token_ended();
        self.follow(steps, ctx);
        self.link.wake();
    }

    pub(in crate::gateway) fn count_unauthenticated(&mut self) {
        self.set_pending(None);
        let pending = self.context.admission.admit_anonymous(self.address);
        self.set_pending(Some(pending));
    }

    /// Ends the identity of the connection with its subscriptions, and begins a new generation.
    pub(super) fn reset_identity(&mut self, goodbye: bool) {
        self.identity = None;
        self.handshake_data = None;
        self.link.handshake_buffer.take();
        self.link.memberships.reset_removed();
        // Their replies do not reach the connection any more, now that it is unregistered.
        self.link.reset_commands();
        self.goodbye = false;
        if let Some(events) = self.link.events() {
            events.clear();
        }
        let mut links = self.context.links.borrow_mut();
        links.remove(&self.link);
        self.link.memberships.set_user(None);
        links.add(&self.link);
        drop(links);
        self.unregister(goodbye);
        self.generation += 1;
        if let Some(replaying) = &mut self.replaying {
            replaying.is_reading = false;
            replaying.replay = Replay::default();
        }
    }
}
