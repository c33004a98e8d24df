//! How a connection ends, or goes on without its token.

use std::time::Duration;

use bytes::Bytes;

use super::link::{Link, Stage};
use crate::domain::Disconnect;
use crate::metrics;
use crate::websocket::frame;

/// What is not taken so long after a close is cut.
const LINGER: Duration = Duration::from_secs(5);
/// The same for a client that did not answer its ping: it is cut, and the close frame is a courtesy to one that only sleeps.
const LINGER_UNANSWERED: Duration = Duration::from_millis(500);
/// The same at shutdown.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_secs(2);

impl Link {
    /// Ends the connection: the close frame goes behind what the socket has begun, or, for an end that is no one's fault,
    /// behind all that waits; nothing more is taken.
    pub(crate) fn close(&self, why: Disconnect) {
        self.close_with(why, why.code());
    }

    /// The same with the client's own code.
    pub(crate) fn close_with(&self, why: Disconnect, code: u16) {
        if self.is_closing() {
            return;
        }
        let goes_on = || self.events().is_some_and(|events| events.outlives_its_token);
        if why == Disconnect::TokenEnded && goes_on() {
            // One that was turned away meanwhile is unauthenticated already: the end of its old token is nothing to it.
            if matches!(self.stage(), Stage::Arriving | Stage::Live) {
                self.end_token();
            }
            return;
        }
        if matches!(why, Disconnect::TooSlow | Disconnect::TokenEnded | Disconnect::HeartbeatMissed) {
            self.queue.drop_rest();
        }
        if !self.queue.has_packets() {
            self.queue.append(self.close_frame(why, code));
        }
        self.begin_closing(why);
        // What follows from it, the close frame too, is the connection's to carry out.
        self.queue.close_packets(why);
        self.wake();
    }

    /// Its token has ended: from this moment on it takes part in nothing, and goes on unauthenticated. One that is arriving
    /// is turned away.
    fn end_token(&self) {
        self.arrival.take();
        if let Some(events) = self.events() {
            events.end_token();
        }
        if self.stage() == Stage::Live {
            self.advance_to(Stage::Strange);
        }
        self.wake();
    }

    /// The frame with the reason for which it ends.
    pub(crate) fn close_frame(&self, why: Disconnect, code: u16) -> Bytes {
        frame::close(code, &why.reason(self.id.0.unsigned_abs()))
    }

    /// From here on nothing more is taken, and what waits is cut after a while.
    pub(crate) fn begin_closing(&self, why: Disconnect) {
        if self.is_closing() {
            return;
        }
        metrics::CLOSES.count(why.code());
        self.arrival.take();
        self.advance_to(Stage::Closing);
        self.deadlines.cut_within(match why {
            Disconnect::Restart => LINGER_AT_SHUTDOWN,
            Disconnect::HeartbeatMissed => LINGER_UNANSWERED,
            _ => LINGER,
        });
        match why {
            Disconnect::Goodbye => log::debug!("connection {} ends", self.id),
            _ => log::debug!("connection {} is closed: {why:?} ({})", self.id, why.code()),
        }
    }

    /// Drops the socket now, whatever waits.
    pub(crate) fn cut(&self) {
        self.advance_to(Stage::Cut);
        self.wake();
    }
}
