//! Connections that speak the dialect of an older system. What happens is queued at their link by the hub and passes through
//! a [`Translation`] when the connection runs; what their clients say becomes commands like any other.
//!
//! Such clients know no `rev` and cannot ask for what they missed. So what waits for them is told by pages when they come,
//! each when the last one has left ([`Replay`]), and what their socket has taken is marked as received ([`Taken`]).

mod paging;
mod replay;
mod seat;
mod steps;
mod taken;

use std::time::Instant;

use actix::prelude::*;

use super::connection::Connection;
use super::outbound::{EventQueue, Position};
use crate::config::Dialect;
use crate::desks::Desks;
use crate::dialect::lobby::Lobby;
use crate::dialect::rooms::Rooms;
use crate::dialect::sessions::Sessions;
use crate::dialect::translation::{Tag, Translation};
use crate::model::{Door, Event, RequestId, Tongue, UserId};
use replay::Replay;
use taken::Taken;

/// What the connection has of it.
pub struct Translating {
    /// The dialect.
    pub words: Box<dyn Translation>,
    replay: Replay,
    taken: Taken,
    /// To whom that was told.
    told_to: Option<UserId>,
    /// Something is being looked up on which the meaning of what the client says next depends.
    pub asks: bool,
    /// What the translation calls its arrival.
    arrival: Tag,
    /// Counts those whose connection it was: what was looked up for the last one means nothing to the next.
    seat: u32,
    /// A page of what waits is being read.
    reads: bool,
    /// Where the last page ends in the stream.
    page: Position,
}

impl Connection {
    /// From now on, and for good, it speaks the dialect of an older system.
    pub(super) fn speak(&mut self, tongue: Tongue, words: Box<dyn Translation>) {
        self.link.queue_events(EventQueue::new(tongue, words.outlives_its_token()));
        self.translating = Some(Box::new(Translating {
            words,
            replay: Replay::default(),
            taken: Taken::default(),
            told_to: None,
            asks: false,
            arrival: 0,
            seat: 0,
            reads: false,
            page: Position::default(),
        }));
    }

    /// It speaks the sessions dialect, which has a door of its own.
    pub(super) fn speak_sessions(&mut self) {
        let desks = &self.house.desks;
        let words = Sessions::new(desks.store.lobby(), &desks.config.limits);
        self.speak(Tongue::Sessions, Box::new(words));
    }

    /// It speaks the dialect of the door by which its user came in, where that is an older system's.
    pub(super) fn speak_as_at(&mut self, door: Door) {
        let Some((tongue, words)) = words(door, &self.house.desks) else { return };
        if self.translating.is_none() {
            self.speak(tongue, words);
        }
    }

    /// Tells what has happened, does what is due, and goes on telling what waits.
    pub(super) fn translate(&mut self, ctx: &mut Context<Self>) {
        if self.translating.is_none() {
            return;
        }
        self.leave_seat(ctx);
        while let Some(event) = self.link.events().and_then(EventQueue::pop) {
            self.tell_of(&event, ctx);
        }
        if let Some(translating) = &mut self.translating
            && translating.words.due().is_some_and(|due| due <= Instant::now())
        {
            let steps = translating.words.tick(Instant::now());
            self.follow(steps, ctx);
        }
        self.go_on_telling(ctx);
        if let (Some(events), Some(translating)) = (self.link.events(), &self.translating) {
            events.wait_until(translating.words.due());
        }
    }

    fn tell_of(&mut self, event: &Event, ctx: &mut Context<Self>) {
        let Some(translating) = &mut self.translating else { return };
        let steps = match event {
            Event::Posted(message) => {
                if translating.replay.takes(message.session, message.seq) {
                    self.tell_message(message);
                }
                return;
            }
            Event::Answered(reply) => {
                // Marks are moved without anybody asking.
                let Some(tag) = reply.reference.as_ref().and_then(RequestId::number) else { return };
                translating.words.answered(Some(tag), &reply.outcome)
            }
            event => translating.words.told(event, Instant::now()),
        };
        self.follow(steps, ctx);
    }
}

/// The words of the door by which somebody came in; `None` where these are the native ones, or where the dialect is switched
/// off.
fn words(door: Door, desks: &Desks) -> Option<(Tongue, Box<dyn Translation>)> {
    let config = &desks.config;
    let speaks = |dialect| config.dialects.speak(dialect);
    match door {
        Door::Rooms(room) if speaks(Dialect::Rooms) => {
            Some((Tongue::Rooms, Box::new(Rooms::new(room, &config.limits))))
        }
        Door::Lobby if speaks(Dialect::Lobby) => {
            Some((Tongue::Lobby, Box::new(Lobby::new(desks.store.lobby(), config.limits.text_bytes))))
        }
        _ => None,
    }
}
