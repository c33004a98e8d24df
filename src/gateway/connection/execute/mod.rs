//! A connection and its [`Protocol`]: frames of the client go through it and become commands, what the connection itself has to
//! send comes from it.
//!
//! Events are native ones, encoded once for all by the hub, unless the protocol [replays](CatchUp::Replay). Then they wait at
//! the connection until its task runs, and messages from before it came are sent by pages, each when the last one has left
//! ([`Replay`]); those that the client's side has taken are marked as received ([`Taken`]).

mod paging;
mod replay;
mod steps;
mod taken;
mod token;

use std::time::Instant;

use actix::prelude::*;

use super::super::outbound::{EventQueue, Position};
use super::Connection;
use crate::domain::{Door, Event, RequestId, UserId};
use crate::protocol::registry;
use crate::protocol::{CatchUp, ClientFrame, Protocol, Received, Response, Step};
use replay::Replay;
use taken::Taken;

/// What a connection has whose protocol replays messages.
#[derive(Default)]
pub(crate) struct Replaying {
    replay: Replay,
    taken: Taken,
    /// To whom these were sent.
    sent_to: Option<UserId>,
    /// A page of what waits is being read.
    reads: bool,
    /// Where the last page ends in the stream.
    page: Position,
}

impl Connection {
    /// From now on it speaks this protocol.
    pub(in crate::gateway) fn speak(&mut self, protocol: Box<dyn Protocol>) {
        if matches!(protocol.catch_up(), CatchUp::Replay { .. }) {
            self.link.queue_events(EventQueue::new(protocol.dialect(), protocol.outlives_its_token()));
            self.replaying = Some(Box::default());
        }
        self.protocol = protocol;
    }

    /// It speaks the dialect of the login of its user, where that has one.
    pub(in crate::gateway) fn speak_as_at(&mut self, door: Door) {
        if self.protocol.may_be_replaced()
            && let Some(protocol) = registry::by_login(door, self.context.settings())
        {
            self.speak(protocol);
        }
    }

    /// It speaks the dialect of the first event of a client that has not authenticated, where that has one.
    pub(in crate::gateway) fn speak_as_sent(&mut self, name: &str) {
        if self.protocol.may_be_replaced()
            && let Some(protocol) = registry::by_first_event(name, self.context.settings())
        {
            self.speak(protocol);
        }
    }

    /// The client has sent a frame.
    pub(in crate::gateway) fn receive(&mut self, frame: ClientFrame<'_>, ctx: &mut Context<Self>) {
        // What is sent behind the end of a token is not sent with it.
        self.notice_token_end(ctx);
        let received = Received {
            limits: &self.context.services.config.limits,
            is_authenticated: self.is_authenticated(),
            now: Instant::now(),
        };
        let Some(steps) = self.protocol.receive(frame, received) else { return };
        if !steps.iter().any(|step| matches!(step, Step::Wrong(..))) {
            self.faults = 0;
        }
        self.follow(steps, ctx);
    }

    /// Answers a request, or says what the connection itself refuses.
    pub(in crate::gateway) fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) {
        for step in self.protocol.respond(request, response) {
            // Nothing else follows from an answer that the connection itself gives.
            if let Step::Send(words) = step {
                self.send_words(&words);
            }
        }
    }

    /// Sends what has happened, does what is due, and goes on with what waits.
    pub(in crate::gateway) fn send_events(&mut self, ctx: &mut Context<Self>) {
        if self.replaying.is_none() {
            return;
        }
        self.notice_token_end(ctx);
        while let Some(event) = self.link.events().and_then(EventQueue::pop) {
            self.send_event(&event, ctx);
        }
        if self.protocol.due().is_some_and(|due| due <= Instant::now()) {
            let steps = self.protocol.tick(Instant::now());
            self.follow(steps, ctx);
        }
        self.go_on_sending(ctx);
        if let Some(events) = self.link.events() {
            events.wait_until(self.protocol.due());
        }
    }

    fn send_event(&mut self, event: &Event, ctx: &mut Context<Self>) {
        let steps = match event {
            Event::Posted(message) => {
                let takes = |replaying: &mut Box<Replaying>| replaying.replay.takes(message.session, message.seq);
                if self.replaying.as_mut().is_some_and(takes) {
                    self.send_message(message);
                }
                return;
            }
            Event::Answered(reply) => {
                // Marks are moved without anybody asking.
                let Some(request) = &reply.reference else { return };
                self.protocol.respond(Some(request), Response::Outcome(&reply.outcome))
            }
            event => self.protocol.happened(event, Instant::now()),
        };
        self.follow(steps, ctx);
    }
}
