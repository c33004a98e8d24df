//! Which of the messages that were sent to a client have been delivered: taken by its socket, or by the response to a poll.

use std::collections::{BTreeMap, VecDeque};

use super::super::super::outbound::{Position, WriteQueue};
use crate::domain::SessionId;

#[derive(Debug, Default)]
pub(super) struct DeliveryTracker {
    /// Messages that have not left the queue, with the position behind each.
    in_flight: VecDeque<(Position, SessionId, i64)>,
    /// The `seq` of the last message sent in each session.
    sent: BTreeMap<SessionId, i64>,
}

impl DeliveryTracker {
    pub(super) fn sent(&mut self, session: SessionId, seq: i64, position: Position) {
        self.in_flight.push_back((position, session, seq));
        self.sent.insert(session, seq);
    }

    /// The last `seq` sent in this session; 0 where there is none.
    pub(super) fn sent_up_to(&self, session: SessionId) -> i64 {
        self.sent.get(&session).copied().unwrap_or_default()
    }

    /// The last `seq` delivered in each session since the last call.
    pub(super) fn take_delivered(&mut self, queue: &WriteQueue) -> BTreeMap<SessionId, i64> {
        let mut delivered = BTreeMap::new();
        while let Some((_, session, seq)) = self.in_flight.pop_front_if(|(position, ..)| queue.has_left(*position)) {
            delivered.insert(session, seq);
        }
        if self.in_flight.is_empty() {
            self.in_flight = VecDeque::new();
        }
        delivered
    }

    pub(super) fn clear(&mut self) {
        self.in_flight = VecDeque::new();
    }
}
