//! One connection as its hub sees it.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::super::admission::Evicted;
use super::arrival_buffer::ArrivalBuffer;
use super::deadlines::{Deadlines, Due, Timing};
use super::encoded::EncodedEvent;
use super::event_queue::EventQueue;
use super::memberships::Memberships;
use super::write_queue::{Added, WriteQueue};
use crate::domain::{ConnId, Disconnect, Refusal, Tongue};
use crate::rate_limit::{Bucket, Rate};
use crate::websocket::frame;

/// After so many `rate_limited` within a minute it is flooding.
const FLOOD: Rate = Rate::per_minute(200, 200);

/// Commands that one connection may have in flight; the next ones wait unread.
const IN_FLIGHT: u32 = 64;

/// An evicted connection is cut so long after its close frame.
const EVICTED: Duration = Duration::from_millis(500);

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is not authenticated.
    Strange,
    /// It is being let in: what concerns it is held until it has its snapshot.
    Arriving,
    /// It takes part.
    Live,
    /// A close frame is the last thing in its queue.
    Closing,
    /// Its socket is to be dropped now.
    Cut,
}

/// What a connection and its hub share, on one thread.
pub(crate) struct Link {
    /// Its id.
    pub id: ConnId,
    /// What waits for its client.
    pub queue: WriteQueue,
    /// What is due, and when.
    pub deadlines: Deadlines,
    /// Its user and their sessions.
    pub memberships: Memberships,
    /// What happens while it is arriving.
    pub arrival: ArrivalBuffer,
    /// A query waits until the last answer has left the queue.
    pub waits_for_room: Cell<bool>,
    /// Marks the link while its hub looks at a batch.
    pub batch: Cell<u64>,
    /// Where events are not encoded once for all clients.
    events: OnceCell<Box<EventQueue>>,
    stage: Cell<Stage>,
    in_flight: Cell<u32>,
    refusals: Cell<Bucket>,
    waker: RefCell<Option<Waker>>,
    /// Set by others once it has to make room, as long as it counts as unauthenticated.
    evicted: RefCell<Option<Evicted>>,
}

impl Link {
    /// A connection that has just been accepted; `queue_bytes` bounds what may wait for it, 0 is no bound.
    pub(crate) fn new(id: ConnId, timing: Timing, queue_bytes: usize) -> Self {
        Self {
            id,
            queue: WriteQueue::new(queue_bytes),
            deadlines: Deadlines::new(timing),
            memberships: Memberships::default(),
            arrival: ArrivalBuffer::default(),
            waits_for_room: Cell::new(false),
            batch: Cell::new(0),
            events: OnceCell::new(),
            stage: Cell::new(Stage::Strange),
            in_flight: Cell::new(0),
            refusals: Cell::default(),
            waker: RefCell::default(),
            evicted: RefCell::default(),
        }
    }

    /// How far it has come.
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// True once a close frame is the last thing in its queue.
    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.stage.get(), Stage::Closing | Stage::Cut)
    }

    /// It has come further.
    pub(crate) fn advance_to(&self, stage: Stage) {
        self.stage.set(stage);
        if stage == Stage::Arriving && !self.deadlines.is_finishing() {
            self.deadlines.expect_heartbeats();
        }
    }

    /// What it speaks.
    pub(crate) fn tongue(&self) -> Tongue {
        self.events().map_or(Tongue::Native, |events| events.tongue)
    }

    /// Where it speaks another dialect than the native one: its events, to be encoded by its task.
    pub(crate) fn events(&self) -> Option<&EventQueue> {
        self.events.get().map(AsRef::as_ref)
    }

    /// It speaks another dialect than the native one, for all its life.
    pub(crate) fn queue_events(&self, events: EventQueue) {
        let _ = self.events.set(Box::new(events));
    }

    /// Sends an event or answer, in the form that the client takes. The socket's task is not woken; that which answers polls is.
    pub(crate) fn tell(&self, event: &EncodedEvent) {
        if !self.is_closing() {
            self.follow(self.queue.send(event));
        }
    }

    /// Adds a frame to what waits for the socket; past the bound the connection ends. The socket's task is not woken.
    pub(crate) fn push(&self, frame: Bytes) {
        if !self.is_closing() {
            self.follow(self.queue.push(frame));
        }
    }

    /// Adds a control frame before what waits.
    pub(crate) fn push_urgent(&self, frame: Bytes) {
        if !self.is_closing() {
            self.follow(self.queue.push_urgent(frame));
        }
        self.wake();
    }

    fn follow(&self, added: Added) {
        match added {
            Added::Queued => {}
            Added::Waits => self.wake(),
            Added::TooSlow => self.close(Disconnect::TooSlow),
        }
    }

    /// Writes what waits, for the hub: what is left, and what follows from being done, is the connection's own task's.
    pub(crate) fn flush_or_wake(&self) {
        let idle = self.queue.flush() && self.stage.get() == Stage::Live && !self.waits_for_room.get();
        if !idle {
            self.wake();
        }
    }

    /// A command has been handed on.
    pub(crate) fn command_started(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// A command has been answered, whether the answer is sent or not.
    pub(crate) fn command_done(&self) {
        let before = self.in_flight.get();
        self.in_flight.set(before.saturating_sub(1));
        if before >= IN_FLIGHT || self.deadlines.is_finishing() {
            self.wake();
        }
    }

    /// Nothing that was handed on will be answered.
    pub(crate) fn forget_commands(&self) {
        self.in_flight.set(0);
    }

    /// True while a command that was handed on is not answered.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.get() > 0
    }

    /// True while another command may be handed on.
    pub(crate) fn takes_commands(&self) -> bool {
        self.in_flight.get() < IN_FLIGHT
    }

    /// A command was refused as `rate_limited`: too many of these refusals end the connection.
    pub(crate) fn rate_limited(&self) {
        let mut refusals = self.refusals.get();
        if refusals.take(FLOOD, Instant::now()).is_err() {
            self.close(Disconnect::Flooding);
        }
        self.refusals.set(refusals);
    }

    /// While it counts as unauthenticated, it ends once `evicted` is set; with `None` it does not count any more.
    pub(crate) fn may_be_evicted(&self, evicted: Option<Evicted>) {
        self.evicted.replace(evicted);
    }

    fn is_evicted(&self) -> bool {
        let is_set = |evicted: &Evicted| evicted.load(Ordering::Relaxed);
        self.stage.get() == Stage::Strange && self.evicted.borrow().as_ref().is_some_and(is_set)
    }

    /// Does what is due by `now`.
    pub(crate) fn check_deadlines(&self, now: Instant) {
        if self.is_evicted() {
            // Not waited for as others are, or it would go on taking a place.
            self.close(Disconnect::TryLater);
            return self.deadlines.cut_within(EVICTED);
        }
        if self.events().is_some_and(|events| events.is_due(now)) {
            self.wake();
        }
        match self.deadlines.due(now) {
            None => {}
            // A session has heartbeats of its own.
            Some(Due::Ping | Due::Pong) if self.queue.has_packets() => {}
            Some(Due::Hello) => {
                // A CONNECT_ERROR would not reach a client that is in the namespace already.
                if self.queue.is_connected()
                    && let Some(event) = EncodedEvent::refusal(&Refusal::Unauthenticated)
                {
                    self.tell(&event);
                }
                self.close(Disconnect::NoHello);
            }
            Some(Due::Ping) => {
                self.deadlines.expect_pong(now, self.queue.written());
                self.push_urgent(frame::ping());
            }
            Some(Due::Pong) if self.is_excused() => self.deadlines.expect_pong(now, self.queue.written()),
            Some(Due::Pong) => self.close(Disconnect::HeartbeatMissed),
            Some(Due::Cut) => self.cut(),
        }
    }

    /// True where the pong may be among what we do not read: because of our own rates and queues, or because answers wait
    /// that the client does take, if slowly.
    fn is_excused(&self) -> bool {
        let takes = self.deadlines.has_taken(self.queue.written());
        self.deadlines.is_held_back() && (takes || !self.waits_for_room.get())
    }

    /// Remembers whom to wake when there is something to write.
    pub(crate) fn park(&self, waker: &Waker) {
        let mut own = self.waker.borrow_mut();
        if !own.as_ref().is_some_and(|own| own.will_wake(waker)) {
            *own = Some(waker.clone());
        }
    }

    /// Lets the connection's task run.
    pub(crate) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
