//! Graceful ends: when a client ends its connection, in whichever way and on every transport, all that it sent before is handled
//! first. Nothing that it sends afterwards is read.

use std::time::Duration;

use super::super::outbound::Phase;
use super::super::socketio::SocketIoSession;
use super::Connection;
use crate::domain::Disconnect;
use crate::socketio::session::SessionEnd;

/// Time for what is in flight; then the connection is aborted.
const FINISH_TIMEOUT: Duration = Duration::from_secs(5);

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The client has sent a close frame with this code; 0 is none.
    CloseFrame(u16),
    /// The client has sent `goodbye`: its user is offline without a grace period.
    Goodbye,
    /// The client has disconnected from the namespace.
    Left,
    /// The client has violated the protocol or a limit.
    Fault(Disconnect),
    /// The stream has ended without a close frame.
    EndOfStream,
    Session(SessionEnd),
}

impl Finish {
    /// True where events are discarded that are decoded already but not processed: they were sent behind the end.
    pub(crate) const fn discards_later_events(self) -> bool {
        matches!(self, Self::Goodbye | Self::Fault(_))
    }
}

impl Connection {
    /// Ends the connection once all that its client has sent is handled.
    pub(in crate::gateway) fn finish(&mut self, how: Finish) {
        if self.link.is_closing() {
            return;
        }
        if how == Finish::Goodbye {
            self.goodbye = true;
        }
        if how.discards_later_events() {
            self.session.iter_mut().for_each(|session| session.inbound.clear());
        }
        // The end of a session is not replaced by an end that its client sent before.
        if !matches!(self.finishing, Some(Finish::Session(_))) {
            self.finishing = Some(how);
        }
        self.extend_finish();
        self.finish_if_drained();
    }

    /// Extends the deadline of a graceful end, on progress.
    pub(in crate::gateway) fn extend_finish(&self) {
        if self.finishing.is_some() {
            self.link.deadlines.finish_within(FINISH_TIMEOUT);
        }
    }

    /// True where the client has ended the connection, and what it sent before is still being handled.
    pub(in crate::gateway) const fn is_finishing(&self) -> bool {
        self.finishing.is_some()
    }

    pub(in crate::gateway) fn finish_if_drained(&mut self) {
        if self.finishing.is_none() {
            return;
        }
        let is_closing = self.link.is_closing();
        if !is_closing && !self.is_drained() {
            return;
        }
        match self.finishing.take() {
            _ if is_closing => {}
            Some(Finish::CloseFrame(code)) => self.link.close_with(Disconnect::Goodbye, code),
            Some(Finish::Goodbye) => {
                self.unregister(true);
                self.link.close(Disconnect::Goodbye);
            }
            Some(Finish::Left) => self.link.close(Disconnect::Goodbye),
            Some(Finish::Fault(why)) => self.link.close(why),
            Some(Finish::Session(SessionEnd::ByClient)) => self.link.begin_closing(Disconnect::Goodbye),
            Some(Finish::Session(SessionEnd::ByServer(why))) => self.link.begin_closing(why),
            // The transport ends by itself.
            Some(Finish::EndOfStream | Finish::Session(SessionEnd::Lost)) | None => return,
        }
        self.release_post();
        self.link.wake();
    }

    /// True where everything that the client has sent is processed and has its reply.
    fn is_drained(&self) -> bool {
        let is_handshaking = self.link.phase() == Phase::Handshaking;
        let has_events = |session: &SocketIoSession| {
            !session.inbound.is_empty() || (is_handshaking && session.peer.borrow().has_held_events())
        };
        // In older dialects the frame that authenticates is a request as well, which is kept during the handshake.
        let is_authenticating = self.lookup_pending || (is_handshaking && self.replaying.is_some());
        let is_reading = self.can_respond() && !self.queries.is_idle();
        !is_authenticating && !is_reading && !self.link.is_busy() && !self.session.as_deref().is_some_and(has_events)
    }

    /// True where a reply may still reach the client.
    pub(in crate::gateway) fn can_respond(&self) -> bool {
        !self.link.queue.is_broken() && self.session.as_ref().is_none_or(|session| !session.ended)
    }
}
