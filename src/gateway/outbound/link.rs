//! A connection as the hub of its thread sees it: its phase, its queues, its deadlines, and the limits on its commands.
//!
//! Limits on commands: a connection that has [`MAX_IN_FLIGHT`] commands without a reply is not read from until one is answered,
//! and one whose commands are refused as `rate_limited` too often ([`FLOOD`]) is closed. The rate of incoming frames is limited
//! in `gateway/connection/rate_limit.rs`, that of single commands in `changes.rs` and `queries.rs` beside it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::super::admission::Evicted;
use super::deadlines::{Deadlines, Due};
use super::encoded::EncodedEvent;
use super::event_queue::EventQueue;
use super::handshake_buffer::HandshakeBuffer;
use super::limits::OutboundLimits;
use super::memberships::Memberships;
use super::write_queue::{Added, WriteQueue};
use crate::domain::{ConnId, Dialect, Disconnect, Refusal};
use crate::rate_limit::{Bucket, Rate};
use crate::websocket::frame;

/// More refusals as `rate_limited` than this close the connection.
const FLOOD: Rate = Rate::per_minute(200, 200);

/// Commands of one connection that may be in flight; the next ones are not read.
const MAX_IN_FLIGHT: u32 = 64;

/// Time between the close frame of an evicted connection and its abort.
const EVICTED_LINGER: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Unauthenticated,
    /// Authentication has begun. Deliveries are held back until the snapshot is sent.
    Handshaking,
    /// Authenticated and subscribed.
    Live,
    /// The close frame is the last one in the queue.
    Closing,
    /// The socket is dropped as soon as the connection's task runs.
    Aborted,
}

/// What a connection and the hub of its thread share.
pub(crate) struct Link {
    pub id: ConnId,
    pub queue: WriteQueue,
    pub deadlines: Deadlines,
    pub memberships: Memberships,
    pub handshake_buffer: HandshakeBuffer,
    /// A query is queued until the last reply has left.
    pub query_blocked: Cell<bool>,
    /// The last batch in which the hub had to send this connection something apart from the others of a room.
    pub batch: Cell<u64>,
    /// Set where the dialect encodes events for each recipient.
    events: OnceCell<Box<EventQueue>>,
    phase: Cell<Phase>,
    in_flight: Cell<u32>,
    refusals: Cell<Bucket>,
    waker: RefCell<Option<Waker>>,
    /// Set while the connection counts as unauthenticated.
    evicted: RefCell<Option<Evicted>>,
}

impl Link {
    pub(crate) fn new(id: ConnId, limits: &Rc<OutboundLimits>) -> Self {
        Self {
            id,
            queue: WriteQueue::new(Rc::clone(limits)),
            deadlines: Deadlines::new(Rc::clone(limits)),
            memberships: Memberships::default(),
            handshake_buffer: HandshakeBuffer::default(),
            query_blocked: Cell::new(false),
            batch: Cell::new(0),
            events: OnceCell::new(),
            phase: Cell::new(Phase::Unauthenticated),
            in_flight: Cell::new(0),
            refusals: Cell::default(),
            waker: RefCell::default(),
            evicted: RefCell::default(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.phase.get(), Phase::Closing | Phase::Aborted)
    }

    pub(crate) fn enter_phase(&self, phase: Phase) {
        self.phase.set(phase);
        if phase == Phase::Handshaking && !self.deadlines.is_finishing() {
            self.deadlines.expect_heartbeats();
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.events().map_or(Dialect::Native, |events| events.dialect)
    }

    /// The events that the connection's task encodes; `None` where the hub encodes them, once for all recipients.
    pub(crate) fn events(&self) -> Option<&EventQueue> {
        self.events.get().map(AsRef::as_ref)
    }

    pub(crate) fn queue_events(&self, events: EventQueue) {
        let _ = self.events.set(Box::new(events));
    }

    /// Queues an event or reply in the client's framing. The connection's task is woken only for a poll; a socket has to be
    /// [flushed](Self::flush_or_wake).
    pub(crate) fn send(&self, event: &EncodedEvent) {
        if !self.is_closing() {
            self.on_added(self.queue.send(event));
        }
    }

    /// Queues a frame without waking the connection's task.
    pub(crate) fn push(&self, frame: Bytes) {
        if !self.is_closing() {
            self.on_added(self.queue.push(frame));
        }
    }

    /// Queues a control frame before the others.
    pub(crate) fn push_urgent(&self, frame: Bytes) {
        if !self.is_closing() {
            self.on_added(self.queue.push_urgent(frame));
        }
        self.wake();
    }

    fn on_added(&self, added: Added) {
        match added {
            Added::Queued => {}
            Added::Waits => self.wake(),
            Added::TooSlow => self.close(Disconnect::TooSlow),
        }
    }

    /// Writes as much as the socket takes; the connection's task is woken for the rest, and for what depends on an empty queue.
    pub(crate) fn flush_or_wake(&self) {
        let idle = self.queue.flush() && self.phase.get() == Phase::Live && !self.query_blocked.get();
        if !idle {
            self.wake();
        }
    }

    pub(crate) fn command_started(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// A command has its reply, whether that is sent or not.
    pub(crate) fn command_done(&self) {
        let before = self.in_flight.get();
        self.in_flight.set(before.saturating_sub(1));
        if before >= MAX_IN_FLIGHT || self.deadlines.is_finishing() {
            self.wake();
        }
    }

    /// Replies to what is in flight do not reach the connection any more.
    pub(crate) fn reset_commands(&self) {
        self.in_flight.set(0);
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.get() > 0
    }

    pub(crate) fn can_take_commands(&self) -> bool {
        self.in_flight.get() < MAX_IN_FLIGHT
    }

    /// A command was refused as `rate_limited`: too many of these refusals end the connection.
    pub(crate) fn rate_limited(&self) {
        let mut refusals = self.refusals.get();
        if refusals.take(FLOOD, Instant::now()).is_err() {
            self.close(Disconnect::Flooding);
        }
        self.refusals.set(refusals);
    }

    /// While the connection is unauthenticated, it is closed once `evicted` is set.
    pub(crate) fn set_eviction(&self, evicted: Option<Evicted>) {
        self.evicted.replace(evicted);
    }

    fn is_evicted(&self) -> bool {
        let is_set = |evicted: &Evicted| evicted.load(Ordering::Relaxed);
        self.phase.get() == Phase::Unauthenticated && self.evicted.borrow().as_ref().is_some_and(is_set)
    }

    /// Does what is due by `now`; called by the hub at short intervals.
    pub(crate) fn check_deadlines(&self, now: Instant) {
        if self.is_evicted() {
            // A short linger: until it has ended it takes up memory that the bound is meant to save.
            self.close(Disconnect::TryLater);
            return self.deadlines.abort_within(EVICTED_LINGER);
        }
        if self.events().is_some_and(|events| events.is_due(now)) {
            self.wake();
        }
        match self.deadlines.due(now) {
            None => {}
            // Socket.IO sessions have their own heartbeats.
            Some(Due::Ping | Due::Pong) if self.queue.has_session() => {}
            Some(Due::Hello) => {
                // A CONNECT_ERROR would not reach a client that is in the namespace already.
                if self.queue.is_in_namespace()
                    && let Some(event) = EncodedEvent::refusal(&Refusal::Unauthenticated)
                {
                    self.send(&event);
                }
                self.close(Disconnect::NoHello);
            }
            Some(Due::Ping) => {
                self.deadlines.expect_pong(now, self.queue.written());
                self.push_urgent(frame::ping());
            }
            Some(Due::Pong) if self.is_excused() => self.deadlines.expect_pong(now, self.queue.written()),
            Some(Due::Pong) => self.close(Disconnect::HeartbeatMissed),
            Some(Due::Abort) => self.abort(),
        }
    }

    /// True where the pong may be in what the server does not read: because of its own rate limits and queues, or because of
    /// replies that the client does take, if slowly.
    fn is_excused(&self) -> bool {
        let takes = self.deadlines.has_written_since_ping(self.queue.written());
        self.deadlines.read_paused.get() && (takes || !self.query_blocked.get())
    }

    pub(crate) fn set_waker(&self, waker: &Waker) {
        let mut own = self.waker.borrow_mut();
        if !own.as_ref().is_some_and(|own| own.will_wake(waker)) {
            *own = Some(waker.clone());
        }
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
