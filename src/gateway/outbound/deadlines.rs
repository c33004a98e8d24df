//! What is due about a connection, and when: authentication, a ping, its answer, the end.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// What is due at a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The client must have authenticated.
    Hello,
    /// The client is to be asked for a sign of life.
    Ping,
    /// The client must have answered.
    Pong,
    /// The socket is to be dropped.
    Cut,
}

/// Seconds that matter to a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Until hello.
    pub hello: Duration,
    /// Between two pings.
    pub heartbeat: Duration,
    /// Until the pong.
    pub timeout: Duration,
}

/// The one deadline of a connection that comes next.
pub(crate) struct Deadlines {
    next: Cell<(Instant, Due)>,
    timing: Timing,
    /// How much the client had taken when it was last asked for a sign of life.
    taken: Cell<u64>,
    /// What the client sends waits unread because of us; its pong may be among it.
    held_back: Cell<bool>,
    /// It ends as soon as what its client has sent is carried out.
    finishing: Cell<bool>,
}

impl Deadlines {
    /// Those of a connection that was accepted just now.
    pub(crate) fn new(timing: Timing) -> Self {
        Self {
            next: Cell::new((Instant::now() + timing.hello, Due::Hello)),
            timing,
            taken: Cell::new(0),
            held_back: Cell::new(false),
            finishing: Cell::new(false),
        }
    }

    /// The client may stay unauthenticated for `time`.
    pub(crate) fn expect_hello(&self, time: Duration) {
        self.next.set((Instant::now() + time, Due::Hello));
    }

    /// Nothing is expected of the client but heartbeats.
    pub(crate) fn expect_heartbeats(&self) {
        self.next.set((Instant::now() + self.timing.heartbeat, Due::Ping));
    }

    /// The client has answered the ping.
    pub(crate) fn ponged(&self) {
        if self.next.get().1 == Due::Pong {
            self.expect_heartbeats();
        }
    }

    /// The client was asked for a sign of life, or is excused for not having answered; it has taken so many bytes.
    pub(crate) fn expect_pong(&self, now: Instant, written: u64) {
        self.next.set((now + self.timing.timeout, Due::Pong));
        self.taken.set(written);
    }

    /// The connection ends once what its client has sent is carried out, and is cut after `time`.
    pub(crate) fn finish_within(&self, time: Duration) {
        self.finishing.set(true);
        self.cut_within(time);
    }

    /// True from [`finish_within`](Self::finish_within) on.
    pub(crate) fn is_finishing(&self) -> bool {
        self.finishing.get()
    }

    /// The connection is cut after `time`.
    pub(crate) fn cut_within(&self, time: Duration) {
        self.next.set((Instant::now() + time, Due::Cut));
    }

    /// What is due by `now`. The same again until something else is expected.
    pub(crate) fn due(&self, now: Instant) -> Option<Due> {
        let (at, due) = self.next.get();
        (now >= at).then_some(due)
    }

    /// Whether what the client sends waits unread because of our own rates and queues.
    pub(crate) fn hold_back(&self, held_back: bool) {
        self.held_back.set(held_back);
    }

    /// True where what the client sends waits unread because of us.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back.get()
    }

    /// True where the client has taken more since it was last asked for a sign of life.
    pub(crate) fn has_taken(&self, written: u64) -> bool {
        written > self.taken.get()
    }
}
