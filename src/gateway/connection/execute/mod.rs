//! A connection and its [`Protocol`], which decodes the client's frames to commands and encodes the connection's replies.
//!
//! Events are encoded once for all recipients by the hub, unless the protocol [replays](CatchUp::Replay) messages. Then they are
//! queued until the connection's task runs, messages from before the connection are sent page by page, each when the last one
//! has left ([`Replay`]), and those that the client has taken are marked as received ([`DeliveryTracker`]).

mod delivered;
mod paging;
mod replay;
mod steps;
mod token;

use std::time::Instant;

use actix::prelude::*;

use super::super::outbound::{EventQueue, Position};
use super::Connection;
use crate::domain::{Event, LoginMethod, RequestId, UserId};
use crate::protocol::registry::{self, Settings};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, Protocol, Response, Step};
use delivered::DeliveryTracker;
use replay::Replay;

#[derive(Default)]
pub(crate) struct Replaying {
    replay: Replay,
    tracker: DeliveryTracker,
    /// The user that the tracked messages were sent to.
    sent_to: Option<UserId>,
    is_reading: bool,
    /// Where the last page ends in the stream.
    page: Position,
}

impl Connection {
    pub(in crate::gateway) fn prepare_protocol(&mut self) {
        let protocol = &self.protocol;
        if matches!(protocol.catch_up(), CatchUp::Replay { .. }) {
            self.link.queue_events(EventQueue::new(protocol.dialect(), protocol.survives_token()));
            self.replaying = Some(Box::default());
        }
    }

    fn replace_protocol(&mut self, replacement: impl FnOnce(Settings<'_>) -> Option<Box<dyn Protocol>>) {
        if self.protocol.is_negotiable()
            && let Some(protocol) = replacement(self.context.settings())
        {
            self.protocol = protocol;
            self.prepare_protocol();
        }
    }

    /// Switches to the dialect of the user's login method, if that has one of its own.
    pub(in crate::gateway) fn switch_protocol_by_login(&mut self, login_method: LoginMethod) {
        self.replace_protocol(|settings| registry::by_login(login_method, settings));
    }

    /// Switches to the dialect that the first event of an unauthenticated client belongs to, if it is one of an older system.
    pub(in crate::gateway) fn switch_protocol_by_event(&mut self, name: &str) {
        self.replace_protocol(|settings| registry::by_first_event(name, settings));
    }

    pub(in crate::gateway) fn receive(&mut self, frame: ClientFrame<'_>, ctx: &mut Context<Self>) {
        // A frame behind the end of the token is unauthenticated.
        self.notice_token_end(ctx);
        let received = FrameContext {
            limits: &self.context.services.config.limits,
            is_authenticated: self.is_authenticated(),
            now: Instant::now(),
        };
        let Some(steps) = self.protocol.receive(frame, received) else { return };
        if !steps.iter().any(|step| matches!(step, Step::RejectMalformed(..))) {
            self.malformed_frames = 0;
        }
        self.follow(steps, ctx);
    }

    /// Replies to a request, or refuses what has no id.
    pub(in crate::gateway) fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) {
        for step in self.protocol.respond(request, response) {
            // No other step follows from a reply of the connection itself.
            if let Step::Send(encoded) = step {
                self.send_encoded(&encoded);
            }
        }
    }

    /// Sends queued events, does what the protocol has due, and continues the replay.
    pub(in crate::gateway) fn send_events(&mut self, ctx: &mut Context<Self>) {
        if self.replaying.is_none() {
            return;
        }
        self.notice_token_end(ctx);
        while let Some(event) = self.link.events().and_then(EventQueue::pop) {
            self.send_event(&event, ctx);
        }
        if self.protocol.next_deadline().is_some_and(|due| due <= Instant::now()) {
            let steps = self.protocol.tick(Instant::now());
            self.follow(steps, ctx);
        }
        self.continue_replay(ctx);
        if let Some(events) = self.link.events() {
            events.wait_until(self.protocol.next_deadline());
        }
    }

    fn send_event(&mut self, event: &Event, ctx: &mut Context<Self>) {
        let steps = match event {
            Event::Posted(message) => {
                let is_sent = |replaying: &mut Box<Replaying>| replaying.replay.on_posted(message.session, message.seq);
                if self.replaying.as_mut().is_some_and(is_sent) {
                    self.send_message(message);
                }
                return;
            }
            Event::Reply(reply) => {
                // The connection itself moves marks, and expects no reply.
                let Some(request) = &reply.request_id else { return };
                self.protocol.respond(Some(request), Response::Outcome(&reply.outcome))
            }
            event => self.protocol.handle_event(event, Instant::now()),
        };
        self.follow(steps, ctx);
    }
}
