//! How a connection ends, or goes on without its token.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::due::Due;
use super::{Link, Stage};
use crate::metrics;
use crate::model::Disconnect;
use crate::websocket::frame;

/// What is not taken so long after a close is cut.
const LINGER: Duration = Duration::from_secs(5);
/// The same for a peer that did not answer its ping: it is cut, and the close frame is a courtesy to one that only sleeps.
const LINGER_UNANSWERED: Duration = Duration::from_millis(500);
/// The same at shutdown.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_secs(2);

impl Link {
    /// Ends the connection: the close frame goes behind what the socket has begun, or, for an end that is no one's fault,
    /// behind all that waits; nothing more is taken.
    pub fn close(&self, why: Disconnect) {
        self.close_with(why, why.code());
    }

    /// The same with the client's own code.
    pub fn close_with(&self, why: Disconnect, code: u16) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        let goes_on = || self.translated().is_some_and(|translated| translated.outlives_its_token);
        if why == Disconnect::TokenEnded && goes_on() {
            // One that was turned away meanwhile is a stranger already: the end of its old token is nothing to it.
            if matches!(self.stage.get(), Stage::Arriving | Stage::Live) {
                self.unseat();
            }
            return;
        }
        let mut outbox = self.outbox.borrow_mut();
        if matches!(why, Disconnect::TooSlow | Disconnect::TokenEnded | Disconnect::HeartbeatMissed) {
            outbox.drop_rest();
        }
        if self.peer.get().is_none() {
            outbox.push(self.last_frame(why, code));
        }
        drop(outbox);
        self.ending(why);
        if let Some(peer) = self.peer.get() {
            // What follows from it, the close frame too, is the connection's to carry out.
            peer.borrow_mut().close(why, Instant::now());
        }
        self.wake();
    }

    /// Its token has ended: from this moment on it takes part in nothing, and goes on as a stranger. One that is arriving
    /// is turned away.
    fn unseat(&self) {
        self.held.take();
        if let Some(translated) = self.translated() {
            translated.unseat();
        }
        if self.stage.get() == Stage::Live {
            self.stage.set(Stage::Strange);
        }
        self.wake();
    }

    /// The connection ends once what its client has said is carried out: answers wake its task, and after `time` it is cut.
    pub fn finish_within(&self, time: Duration) {
        self.finishing.set(true);
        self.due.set((Instant::now() + time, Due::Cut));
    }

    /// The frame that says why it ends.
    pub fn last_frame(&self, why: Disconnect, code: u16) -> Bytes {
        frame::close(code, &why.reason(self.id.0.unsigned_abs()))
    }

    /// From here on nothing more is taken, and what waits is cut after a while.
    pub fn ending(&self, why: Disconnect) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        metrics::CLOSES.count(why.code());
        self.held.take();
        self.stage.set(Stage::Closing);
        let linger = match why {
            Disconnect::Restart => LINGER_AT_SHUTDOWN,
            Disconnect::HeartbeatMissed => LINGER_UNANSWERED,
            _ => LINGER,
        };
        self.due.set((Instant::now() + linger, Due::Cut));
        match why {
            Disconnect::Goodbye => log::debug!("connection {} ends", self.id),
            _ => log::debug!("connection {} is closed: {why:?} ({})", self.id, why.code()),
        }
    }

    /// Drops the socket now, whatever waits.
    pub fn cut(&self) {
        self.stage.set(Stage::Cut);
        self.wake();
    }
}
