//! Deliveries to a connection that is arriving: they wait until its snapshot is sent.

use std::cell::{Cell, RefCell};

use crate::domain::Delivery;

/// Deliveries that may wait; a connection to which more happens is closed.
const MAX: usize = 4_096;

/// What happened since the connection was registered. Without memory while it is empty.
#[derive(Default)]
pub(crate) struct ArrivalBuffer {
    deliveries: RefCell<Vec<Delivery>>,
    caught_up: Cell<bool>,
}

impl ArrivalBuffer {
    /// Adds a delivery. False where the buffer is full and the delivery is dropped.
    pub(crate) fn push(&self, delivery: Delivery) -> bool {
        let mut deliveries = self.deliveries.borrow_mut();
        let has_room = deliveries.len() < MAX;
        if has_room {
            deliveries.push(delivery);
        }
        has_room
    }

    /// Adds the mark behind which nothing is in the snapshot, however full the buffer is.
    pub(crate) fn catch_up(&self, mark: Delivery) {
        self.deliveries.borrow_mut().push(mark);
        self.caught_up.set(true);
    }

    /// True once the mark has come: everything that the snapshot may contain is here.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.caught_up.get()
    }

    /// Takes all deliveries.
    pub(crate) fn take(&self) -> Vec<Delivery> {
        self.deliveries.take()
    }

    /// Drops all; another arrival may begin.
    pub(crate) fn reset(&self) {
        self.deliveries.take();
        self.caught_up.set(false);
    }
}
