//! What is due about a connection, and when: a name, a ping, its answer, the end.

use std::time::{Duration, Instant};

use super::super::said::Said;
use super::Link;
use crate::model::{Disconnect, Refusal};
use crate::socketio::codec::packet::Namespace;
use crate::websocket::frame;

/// What makes room for another is cut so long after its close frame.
const EVICTED: Duration = Duration::from_millis(500);

/// A moment at which something is to be done about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Hello,
    Ping,
    Pong,
    Cut,
}

/// Seconds that matter to a connection.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Until hello.
    pub hello: Duration,
    /// Between two pings.
    pub heartbeat: Duration,
    /// Until the pong.
    pub timeout: Duration,
}

impl Link {
    /// It may come without a name, but must say one within `time`.
    pub fn expect_hello(&self, time: Duration) {
        self.due.set((Instant::now() + time, Due::Hello));
    }

    /// It may stay without a name for as long as it likes, where packets carry it: their heartbeats are the peer's.
    pub fn expect_nothing(&self) {
        self.due.set((Instant::now() + self.timing.heartbeat, Due::Ping));
    }

    /// The client has answered the ping.
    pub fn ponged(&self) {
        if self.due.get().1 == Due::Pong {
            self.due.set((Instant::now() + self.timing.heartbeat, Due::Ping));
        }
    }

    /// Does what is due by `now`.
    pub fn look(&self, now: Instant) {
        if self.is_evicted() {
            return self.make_room(now);
        }
        if self.translated().is_some_and(|translated| translated.is_due(now)) {
            self.wake();
        }
        let (at, due) = self.due.get();
        if now < at {
            return;
        }
        match due {
            // Heartbeats of packets are the peer's.
            Due::Ping | Due::Pong if self.peer.get().is_some() => {}
            Due::Hello => {
                // Who has been let into a namespace hears no CONNECT_ERROR any more: it is told what is missing.
                if self.peer.get().is_some_and(|peer| peer.borrow().is_in(&Namespace::main()))
                    && let Some(said) = Said::refusal(&Refusal::Unauthenticated)
                {
                    self.tell(&said);
                }
                self.close(Disconnect::NoHello);
            }
            Due::Ping => {
                self.due.set((now + self.timing.timeout, Due::Pong));
                self.taken.set(self.outbox.borrow().written());
                self.push_urgent(frame::ping());
            }
            Due::Pong if self.is_excused() => {
                self.due.set((now + self.timing.timeout, Due::Pong));
                self.taken.set(self.outbox.borrow().written());
            }
            Due::Pong => self.close(Disconnect::HeartbeatMissed),
            Due::Cut => self.cut(),
        }
    }

    /// Ends it so that another has its place. It is not waited for as others are, or it would go on taking one.
    fn make_room(&self, now: Instant) {
        self.close(Disconnect::TryLater);
        self.due.set((now + EVICTED, Due::Cut));
    }

    /// True where the pong may be among what we do not read: because of our own rates and queues, or because answers wait
    /// that the peer does take, if slowly.
    fn is_excused(&self) -> bool {
        let takes = self.outbox.borrow().written() > self.taken.get();
        self.held_back.get() && (takes || !self.waits_for_room.get())
    }
}
