//! Beginning without a snapshot, and going on without a token: a connection whose protocol replays messages begins otherwise
//! than with `ready`, and may outlive its token.

use std::collections::HashSet;
use std::time::Instant;

use actix::prelude::*;

use super::super::super::outbound::{EventQueue, Stage};
use super::super::Connection;
use super::replay::Replay;
use super::taken::Taken;
use crate::domain::{Conversation, Delivery, Event, Invite, InviteId, Refusal};
use crate::protocol::{Arrival, Beginning, Response};

impl Connection {
    /// It takes part: what waits and what happened since it was let in is sent as soon as its client is ready for it, invites
    /// that its user has not answered first.
    pub(in crate::gateway) fn begin_replaying(
        &mut self,
        conversations: &[Conversation],
        invites: Vec<Invite>,
        held: Vec<Delivery>,
        ctx: &mut Context<Self>,
    ) {
        self.notice_token_end(ctx);
        if self.link.stage() != Stage::Arriving {
            return;
        }
        let (Some(replaying), Some(who)) = (&mut self.replaying, self.identity.clone()) else { return };
        if replaying.sent_to.replace(who.user.id) != Some(who.user.id) {
            replaying.taken = Taken::default();
        }
        replaying.replay = Replay::of(conversations, |session| replaying.taken.up_to(session));
        self.link.advance_to(Stage::Live);
        log::debug!("connection {} of user {} takes part", self.link.id, who.user.id);
        let sessions = self.link.memberships.sessions();
        let beginning = Beginning::Replay(Arrival { me: &who.user, conversations, sessions: &sessions });
        let steps = self.protocol.begin(self.arrival.take().as_ref(), beginning, Instant::now());
        drop(sessions);
        if let Some(events) = self.link.events() {
            let mut newer = false;
            let known: HashSet<InviteId> = invites.iter().map(|invite| invite.id).collect();
            invites.into_iter().for_each(|invite| events.push(Event::Invited(invite.into())));
            for event in held.into_iter().map(|delivery| delivery.event) {
                match &event {
                    Event::CaughtUp => newer = true,
                    Event::Invited(invite) if !newer && known.contains(&invite.id) => {}
                    _ => events.push(event),
                }
            }
        }
        self.follow(steps, ctx);
        self.send_events(ctx);
    }

    /// The token is no good, and the connection goes on unauthenticated. False where it is to end instead.
    pub(in crate::gateway) fn stays_outside(&mut self, refusal: &Refusal) -> bool {
        let stays = self.link.stage() == Stage::Arriving && self.protocol.outlives_its_token();
        if stays {
            self.count_unauthenticated();
            self.become_nobodys(false);
            let request = self.arrival.take();
            self.respond(request.as_ref(), Response::Outcome(&Err(refusal.clone())));
            self.link.advance_to(Stage::Strange);
            self.link.wake();
        }
        stays
    }

    /// Where its token has ended, goes on without.
    pub(super) fn notice_token_end(&mut self, ctx: &mut Context<Self>) {
        if !self.link.events().is_some_and(EventQueue::take_token_end) {
            return;
        }
        if self.link.stage() == Stage::Arriving {
            // On the way in: nothing that was under way for it counts any more.
            return self.turn_away(&Refusal::Unauthenticated.into());
        }
        let goodbye = std::mem::take(&mut self.goodbye);
        self.become_nobodys(goodbye);
        self.count_unauthenticated();
        // What is sent behind a goodbye is received again.
        self.looks_up &= !goodbye;
        let steps = self.protocol.ended();
        self.follow(steps, ctx);
        self.link.wake();
    }

    /// Counts it among those that need not authenticate.
    pub(in crate::gateway) fn count_unauthenticated(&mut self) {
        self.count_as(None);
        let pending = self.context.admission.admit_nameless(self.address);
        self.count_as(Some(pending));
    }

    /// It is nobody's connection any more.
    pub(super) fn become_nobodys(&mut self, goodbye: bool) {
        self.identity = None;
        self.welcome = None;
        self.link.arrival.reset();
        self.link.memberships.forget_removed();
        // Answers that are still to come find it no more.
        self.link.forget_commands();
        self.goodbye = false;
        if let Some(events) = self.link.events() {
            events.clear();
        }
        let mut links = self.context.links.borrow_mut();
        links.remove(&self.link);
        self.link.memberships.set_user(None);
        links.add(&self.link);
        drop(links);
        self.leave(goodbye);
        self.owner += 1;
        if let Some(replaying) = &mut self.replaying {
            replaying.reads = false;
            replaying.replay = Replay::default();
        }
    }
}
