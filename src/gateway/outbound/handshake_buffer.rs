//! Deliveries to a connection that is still in its handshake: they are held back until its snapshot is sent.

use std::cell::RefCell;

use crate::domain::Delivery;

/// Deliveries that may be held back; a connection with more is closed.
const MAX: usize = 4_096;

/// What happened since the connection was registered. Without memory outside the handshake.
#[derive(Default)]
pub(crate) struct HandshakeBuffer(RefCell<Option<Box<Buffered>>>);

#[derive(Default)]
struct Buffered {
    deliveries: Vec<Delivery>,
    /// How many came before the mark behind which nothing is in the snapshot; `None` until it has come.
    caught_up: Option<usize>,
}

impl HandshakeBuffer {
    /// False where the buffer is full and the delivery is dropped.
    pub(crate) fn push(&self, delivery: Delivery) -> bool {
        let mut buffer = self.0.borrow_mut();
        let deliveries = &mut buffer.get_or_insert_default().deliveries;
        let has_room = deliveries.len() < MAX;
        if has_room {
            deliveries.push(delivery);
        }
        has_room
    }

    /// Sets the mark: nothing that is added later is in the snapshot.
    pub(crate) fn catch_up(&self) {
        let mut buffer = self.0.borrow_mut();
        let buffer = buffer.get_or_insert_default();
        buffer.caught_up = Some(buffer.deliveries.len());
    }

    /// True from the mark on until the buffer is taken: it has all that the snapshot may contain.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(|buffer| buffer.caught_up.is_some())
    }

    /// Empties the buffer, for the end of this handshake and for the next one: the deliveries that the snapshot may contain,
    /// and those behind the mark.
    pub(crate) fn take(&self) -> (Vec<Delivery>, Vec<Delivery>) {
        let Some(buffer) = self.0.take() else { return Default::default() };
        let mut older = buffer.deliveries;
        let newer = older.split_off(buffer.caught_up.unwrap_or(older.len()).min(older.len()));
        (older, newer)
    }
}
