//! Events of a connection whose dialect encodes them for each reader: they wait until the connection's task runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Instant;

use crate::domain::{Event, Tongue};

/// Events in the order in which they happened. Without memory while it is empty.
pub(crate) struct EventQueue {
    /// What the client speaks.
    pub tongue: Tongue,
    /// The connection goes on, unauthenticated, when its token ends.
    pub outlives_its_token: bool,
    events: RefCell<VecDeque<Event>>,
    due: Cell<Option<Instant>>,
    token_ended: Cell<bool>,
}

impl EventQueue {
    /// An empty queue of a connection that speaks `tongue`.
    pub(crate) fn new(tongue: Tongue, outlives_its_token: bool) -> Self {
        Self {
            tongue,
            outlives_its_token,
            events: RefCell::default(),
            due: Cell::default(),
            token_ended: Cell::default(),
        }
    }

    /// Adds an event.
    pub(crate) fn push(&self, event: Event) {
        self.events.borrow_mut().push_back(event);
    }

    /// Takes the oldest event.
    pub(crate) fn pop(&self) -> Option<Event> {
        let next = self.events.borrow_mut().pop_front();
        if next.is_none() {
            self.clear();
        }
        next
    }

    /// Drops what waits.
    pub(crate) fn clear(&self) {
        self.events.take();
    }

    /// The dialect has something to do at `due`; `None`: not before something else happens.
    pub(crate) fn wait_until(&self, due: Option<Instant>) {
        self.due.set(due);
    }

    /// True, once, where the dialect has something to do by `now`.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let is_due = self.due.get().is_some_and(|due| due <= now);
        if is_due {
            self.due.set(None);
        }
        is_due
    }

    /// The token has ended: events from before are not sent any more.
    pub(crate) fn end_token(&self) {
        self.clear();
        self.token_ended.set(true);
    }

    /// True, once, where the token has ended.
    pub(crate) fn take_token_end(&self) -> bool {
        self.token_ended.take()
    }
}
