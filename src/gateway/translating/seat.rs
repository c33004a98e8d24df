//! Taking part and taking part no more: a connection that speaks the dialect of an older system begins otherwise than with
//! `ready`, and may go on without its token.

use std::collections::HashSet;
use std::time::Instant;

use actix::prelude::*;

use super::super::connection::Connection;
use super::super::outbound::{EventQueue, Stage};
use super::replay::Replay;
use super::taken::Taken;
use crate::dialect::translation::Arrival;
use crate::model::{Conversation, Delivery, Event, Invite, InviteId, Refusal, RequestId};

impl Connection {
    /// It takes part: what waits and what happened since it was let in is told as soon as its client is ready for it, what it
    /// was `asked` and has not answered first.
    pub(in super::super) fn begin_translating(
        &mut self,
        conversations: &[Conversation],
        asked: Vec<Invite>,
        held: Vec<Delivery>,
        ctx: &mut Context<Self>,
    ) {
        self.leave_seat(ctx);
        if self.link.stage() != Stage::Arriving {
            return;
        }
        let (Some(translating), Some(who)) = (&mut self.translating, self.identity.clone()) else { return };
        if translating.told_to.replace(who.user.id) != Some(who.user.id) {
            translating.taken = Taken::default();
        }
        translating.replay = Replay::of(conversations, |session| translating.taken.up_to(session));
        self.link.advance_to(Stage::Live);
        log::debug!("connection {} of user {} takes part", self.link.id, who.user.id);
        let sessions = self.link.memberships.sessions();
        let arrival = Arrival { me: &who.user, conversations, sessions: &sessions };
        let steps = translating.words.begin(translating.arrival, arrival, Instant::now());
        drop(sessions);
        if let Some(events) = self.link.events() {
            let mut newer = false;
            let known: HashSet<InviteId> = asked.iter().map(|invite| invite.id).collect();
            asked.into_iter().for_each(|invite| events.push(Event::Invited(invite.into())));
            for event in held.into_iter().map(|delivery| delivery.event) {
                match &event {
                    Event::CaughtUp => newer = true,
                    Event::Invited(invite) if !newer && known.contains(&invite.id) => {}
                    _ => events.push(event),
                }
            }
        }
        self.follow(steps, ctx);
        self.translate(ctx);
    }

    /// Whom the token does not let in, and who goes on as a stranger. False where the connection is to end instead.
    pub(in super::super) fn stay_outside(&mut self, refusal: &Refusal) -> bool {
        let is_arriving = self.link.stage() == Stage::Arriving;
        let outlives = self.link.events().is_some_and(|events| events.outlives_its_token);
        let stays = is_arriving && outlives;
        if stays {
            self.stays_nameless();
            self.rise(false);
            let arrival = self.translating.as_ref().map(|translating| RequestId::Number(translating.arrival));
            self.refuse_in_words(arrival.as_ref(), refusal);
            self.link.advance_to(Stage::Strange);
            self.link.wake();
        }
        stays
    }

    /// Its token has ended.
    pub(super) fn leave_seat(&mut self, ctx: &mut Context<Self>) {
        if !self.link.events().is_some_and(EventQueue::take_token_end) {
            return;
        }
        if self.link.stage() == Stage::Arriving {
            // On the way in: nothing that was under way for it counts any more.
            return self.turn_away(&Refusal::Unauthenticated.into());
        }
        let goodbye = std::mem::take(&mut self.goodbye);
        self.rise(goodbye);
        self.stays_nameless();
        if let Some(translating) = &mut self.translating {
            // Whoever said goodbye is heard again.
            translating.asks &= !goodbye;
            let steps = translating.words.ended();
            self.follow(steps, ctx);
        }
        self.link.wake();
    }

    /// Counts it among those who need not say who they are.
    pub(in super::super) fn stays_nameless(&mut self) {
        self.wait_as(None);
        let silent = self.house.waiting.admit_nameless(self.address);
        self.wait_as(Some(silent));
    }

    /// Counts those whose connection it was: what was under way for the last one means nothing to the next.
    pub(in super::super) fn seat(&self) -> u32 {
        self.translating.as_ref().map_or(0, |translating| translating.seat)
    }

    /// It is nobody's connection any more.
    pub(super) fn rise(&mut self, goodbye: bool) {
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
        let mut links = self.house.links.borrow_mut();
        links.remove(&self.link);
        self.link.memberships.set_user(None);
        links.add(&self.link);
        drop(links);
        self.leave(goodbye);
        if let Some(translating) = &mut self.translating {
            translating.seat += 1;
            translating.reads = false;
            translating.replay = Replay::default();
        }
    }
}
