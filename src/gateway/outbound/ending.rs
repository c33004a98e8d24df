//! How a connection is closed, or continues without its token.

use std::time::Duration;

use bytes::Bytes;

use super::link::{Link, Phase};
use crate::domain::Disconnect;
use crate::metrics;
use crate::websocket::frame;

/// Time between a close and the abort of a connection that has not ended by itself.
const LINGER: Duration = Duration::from_secs(5);
/// The same for a client that did not send its pong; the close frame is for one that was only asleep.
const LINGER_UNANSWERED: Duration = Duration::from_millis(500);
/// The same at a graceful shutdown.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_secs(2);

impl Link {
    /// Closes the connection with the code of `why`. The close frame is put behind all that is queued, or, for a client that is
    /// too slow, does not respond or has lost its token, behind the frame that is partly written.
    pub(crate) fn close(&self, why: Disconnect) {
        self.close_with(why, why.code());
    }

    /// The same with the code that the client has sent.
    pub(crate) fn close_with(&self, why: Disconnect, code: u16) {
        if self.is_closing() {
            return;
        }
        let outlives_token = || self.events().is_some_and(|events| events.survives_token);
        if why == Disconnect::TokenEnded && outlives_token() {
            // One whose handshake has failed meanwhile is unauthenticated already, and the token was its old one.
            if matches!(self.phase(), Phase::Handshaking | Phase::Live) {
                self.end_token();
            }
            return;
        }
        if matches!(why, Disconnect::TooSlow | Disconnect::TokenEnded | Disconnect::HeartbeatMissed) {
            self.queue.drop_rest();
        }
        if !self.queue.has_session() {
            self.queue.append(self.close_frame(why, code));
        }
        self.begin_closing(why);
        // The session's actions, the close frame among them, are carried out by the connection's task.
        self.queue.close_session(why);
        self.wake();
    }

    /// Receives nothing more, and continues unauthenticated; a handshake in progress fails.
    fn end_token(&self) {
        self.handshake_buffer.take();
        if let Some(events) = self.events() {
            events.end_token();
        }
        if self.phase() == Phase::Live {
            self.enter_phase(Phase::Unauthenticated);
        }
        self.wake();
    }

    pub(crate) fn close_frame(&self, why: Disconnect, code: u16) -> Bytes {
        frame::close(code, &why.reason(self.id.0.unsigned_abs()))
    }

    /// Enters [`Phase::Closing`]: nothing more is queued, and the connection is aborted if it does not end in time.
    pub(crate) fn begin_closing(&self, why: Disconnect) {
        if self.is_closing() {
            return;
        }
        metrics::CLOSES.count(why.code());
        self.handshake_buffer.take();
        self.enter_phase(Phase::Closing);
        self.deadlines.abort_within(match why {
            Disconnect::Restart => LINGER_AT_SHUTDOWN,
            Disconnect::HeartbeatMissed => LINGER_UNANSWERED,
            _ => LINGER,
        });
        match why {
            Disconnect::Goodbye => log::debug!("connection {} ends", self.id),
            _ => log::debug!("connection {} is closed: {why:?} ({})", self.id, why.code()),
        }
    }

    pub(crate) fn abort(&self) {
        self.enter_phase(Phase::Aborted);
        self.wake();
    }
}
