//! What a client has been sent and what its socket, or the answer to its poll, has taken of it: only that is received.

use std::collections::{BTreeMap, VecDeque};

use super::super::super::outbound::{Position, WriteQueue};
use crate::domain::SessionId;

/// Messages that are on their way to the client.
#[derive(Debug, Default)]
pub(super) struct Taken {
    on_the_way: VecDeque<(Position, SessionId, i64)>,
    sent: BTreeMap<SessionId, i64>,
}

impl Taken {
    /// A message of this `seq` was sent, the last thing up to `position`.
    pub(super) fn sent(&mut self, session: SessionId, seq: i64, position: Position) {
        self.on_the_way.push_back((position, session, seq));
        self.sent.insert(session, seq);
    }

    /// Up to which `seq` the client was sent in this session; 0 where it was sent nothing.
    pub(super) fn up_to(&self, session: SessionId) -> i64 {
        self.sent.get(&session).copied().unwrap_or_default()
    }

    /// Up to which `seq` each session has been taken since this was asked last.
    pub(super) fn take(&mut self, queue: &WriteQueue) -> BTreeMap<SessionId, i64> {
        let mut taken = BTreeMap::new();
        while let Some((_, session, seq)) = self.on_the_way.pop_front_if(|(position, ..)| queue.has_left(*position)) {
            taken.insert(session, seq);
        }
        if self.on_the_way.is_empty() {
            self.on_the_way = VecDeque::new();
        }
        taken
    }

    /// What is on its way will not arrive.
    pub(super) fn lose(&mut self) {
        self.on_the_way = VecDeque::new();
    }
}
