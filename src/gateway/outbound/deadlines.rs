//! The deadlines of a connection: authentication, ping, pong, abort.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::limits::OutboundLimits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The client must have authenticated.
    Hello,
    Ping,
    /// The client must have sent a pong.
    Pong,
    /// The socket is dropped.
    Abort,
}

/// The next deadline of a connection; there is never more than one.
pub(crate) struct Deadlines {
    next: Cell<(Instant, Due)>,
    limits: Rc<OutboundLimits>,
    /// Bytes that the client had taken when the last ping was sent.
    written_at_ping: Cell<u64>,
    /// The server does not read from the client for now, because of its own rate limits and queues; the pong may be in what is
    /// not read.
    pub read_paused: Cell<bool>,
    /// The connection ends as soon as all that its client has sent is handled.
    finishing: Cell<bool>,
}

impl Deadlines {
    pub(crate) fn new(limits: Rc<OutboundLimits>) -> Self {
        Self {
            next: Cell::new((Instant::now() + limits.hello, Due::Hello)),
            limits,
            written_at_ping: Cell::new(0),
            read_paused: Cell::new(false),
            finishing: Cell::new(false),
        }
    }

    pub(crate) fn expect_hello(&self, time: Duration) {
        self.next.set((Instant::now() + time, Due::Hello));
    }

    pub(crate) fn expect_heartbeats(&self) {
        self.next.set((Instant::now() + self.limits.heartbeat, Due::Ping));
    }

    pub(crate) fn pong_received(&self) {
        if self.next.get().1 == Due::Pong {
            self.expect_heartbeats();
        }
    }

    /// Restarts the wait for a pong: after a ping, or where its absence is excused. `written` is the number of bytes that the
    /// client has taken so far.
    pub(crate) fn expect_pong(&self, now: Instant, written: u64) {
        self.next.set((now + self.limits.pong, Due::Pong));
        self.written_at_ping.set(written);
    }

    /// The connection ends once all that its client has sent is handled, and is aborted after `time`.
    pub(crate) fn finish_within(&self, time: Duration) {
        self.finishing.set(true);
        self.abort_within(time);
    }

    pub(crate) fn is_finishing(&self) -> bool {
        self.finishing.get()
    }

    pub(crate) fn abort_within(&self, time: Duration) {
        self.next.set((Instant::now() + time, Due::Abort));
    }

    /// What is due by `now`; the same on every call until another deadline is set.
    pub(crate) fn due(&self, now: Instant) -> Option<Due> {
        let (at, due) = self.next.get();
        (now >= at).then_some(due)
    }

    /// True where the client has taken bytes since the last ping; `written` is how many in all.
    pub(crate) fn has_written_since_ping(&self, written: u64) -> bool {
        written > self.written_at_ping.get()
    }
}
