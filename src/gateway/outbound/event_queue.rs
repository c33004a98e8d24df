//! The events of a connection whose dialect encodes them for each recipient: they are queued until the connection's task runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Instant;

use crate::domain::{Dialect, Event};

/// Events in order. Without memory while it is empty.
pub(crate) struct EventQueue {
    pub dialect: Dialect,
    /// The connection continues unauthenticated when its token ends.
    pub survives_token: bool,
    events: RefCell<VecDeque<Event>>,
    due: Cell<Option<Instant>>,
    token_ended: Cell<bool>,
}

impl EventQueue {
    pub(crate) fn new(dialect: Dialect, survives_token: bool) -> Self {
        Self { dialect, survives_token, events: RefCell::default(), due: Cell::default(), token_ended: Cell::default() }
    }

    pub(crate) fn push(&self, event: Event) {
        self.events.borrow_mut().push_back(event);
    }

    pub(crate) fn pop(&self) -> Option<Event> {
        let next = self.events.borrow_mut().pop_front();
        if next.is_none() {
            self.clear();
        }
        next
    }

    pub(crate) fn clear(&self) {
        self.events.take();
    }

    /// Sets the time at which the dialect has to be called again; `None` is not before its next frame or event.
    pub(crate) fn wait_until(&self, due: Option<Instant>) {
        self.due.set(due);
    }

    /// True, once, after that time.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let is_due = self.due.get().is_some_and(|due| due <= now);
        if is_due {
            self.due.set(None);
        }
        is_due
    }

    pub(crate) fn end_token(&self) {
        self.clear();
        self.token_ended.set(true);
    }

    /// True, once, after the end of the token.
    pub(crate) fn take_token_end(&self) -> bool {
        self.token_ended.take()
    }
}
