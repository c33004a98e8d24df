//! How fast the frames of one connection are read.
//!
//! Frames beyond the rate are not refused: the connection is not read from until the next one is within the rate
//! ([`Flow::Wait`]), so TCP's backpressure reaches the client. Frames are also left unread while 64 commands are in flight
//! (`outbound/link.rs`) or 16 queries are queued (`queries.rs`). Rates of single commands are applied in `changes.rs` and
//! `queries.rs` before the service is called; too many refusals of those close the connection (`outbound/link.rs`).

use std::time::{Duration, Instant};

use actix::prelude::*;

use super::super::outbound::Phase;
use super::Connection;
use super::finishing::Finish;
use crate::protocol::ClientFrame;
use crate::websocket::frame;
use crate::websocket::inbox::Incoming;

pub(crate) enum Flow {
    /// All that was read is processed.
    Continue,
    /// Not until the connection's task is woken.
    Stop,
    /// Not for this time: the rate is exceeded.
    Wait(Duration),
}

impl Connection {
    pub(crate) fn can_read(&self) -> bool {
        self.finishing.is_none()
            && self.can_take_commands()
            && self.session.as_ref().is_none_or(|session| session.inbound.is_empty())
    }

    pub(in crate::gateway) fn can_take_commands(&self) -> bool {
        matches!(self.link.phase(), Phase::Unauthenticated | Phase::Live)
            && !self.lookup_pending
            && self.link.can_take_commands()
            && self.queries.has_room()
    }

    /// Processes the whole messages among what was read, as far as the limits allow.
    pub(crate) fn process_messages(&mut self, ctx: &mut Context<Self>) -> Flow {
        let limits = &self.context.services.config.limits;
        let (rate, limit) = (limits.frames(), limits.frame_bytes);
        #[cfg(feature = "conformance")]
        let limit = if self.session.is_some() { self.context.session_config.post.bytes } else { limit };
        loop {
            if !self.can_read() {
                return Flow::Stop;
            }
            let now = Instant::now();
            if let Err(wait) = self.frame_bucket.look(rate, now) {
                return Flow::Wait(wait);
            }
            match self.inbox.next(limit) {
                Ok(None) => return Flow::Continue,
                Ok(Some(incoming)) => {
                    self.frame_bucket.count(rate, now);
                    self.on_message(incoming, ctx);
                }
                Err(why) => {
                    self.finish(Finish::Fault(why));
                    return Flow::Stop;
                }
            }
        }
    }

    fn on_message(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        if self.session.is_some() {
            return self.on_packet(incoming, ctx);
        }
        match incoming {
            Incoming::Text(text) => self.receive(ClientFrame::Text(&text), ctx),
            Incoming::Binary(bytes) => self.receive(ClientFrame::Binary(&bytes), ctx),
            Incoming::Ping(payload) => self.link.push_urgent(frame::pong(&payload)),
            Incoming::Pong => self.link.deadlines.pong_received(),
            Incoming::Close(code) => self.finish(Finish::CloseFrame(code)),
        }
    }
}
