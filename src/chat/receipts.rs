//! Receipts, at most one a second for each user and session: the first at once, the last one of a second at its end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::{Audience, ConnId, Delivery, Event, Receipt, SessionId};

const PAUSE: Duration = Duration::from_secs(1);

/// A receipt, who hears it, and the connection that need not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// How far somebody has come.
    pub receipt: Receipt,
    /// The session, or in a large one only the reader's own connections.
    pub to: Audience,
    /// The connection that moved the mark.
    pub except: Option<ConnId>,
}

impl Told {
    /// As it is told.
    pub(super) fn delivery(self, session: SessionId) -> Delivery {
        let Self { receipt, to, except } = self;
        Delivery::new(to, Event::Marked { session, receipt }).except(except)
    }
}

/// What was told when, and what waits.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    spoken: HashMap<(SessionId, String), (Instant, Option<Told>)>,
}

impl Receipts {
    /// A mark has moved. Gives the receipt back where it is to be told now; otherwise it waits for [`Self::due`].
    pub(super) fn moved(&mut self, session: SessionId, told: Told, now: Instant) -> Option<Told> {
        match self.spoken.entry((session, told.receipt.username.clone())) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert((now + PAUSE, None));
                Some(told)
            }
            std::collections::hash_map::Entry::Occupied(mut known) => {
                let (again, waiting) = known.get_mut();
                if *again <= now && waiting.is_none() {
                    *again = now + PAUSE;
                    return Some(told);
                }
                // Whoever moved a mark knows of it; with two who did, both must hear of the other's.
                let except = match waiting {
                    Some(other) if other.except != told.except => None,
                    _ => told.except,
                };
                *waiting = Some(Told { except, ..told });
                None
            }
        }
    }

    /// Drops what waits to be sent in this session: a block stands between its two users now.
    pub(super) fn forget(&mut self, session: Option<SessionId>) {
        for (_, (_, waiting)) in self.spoken.iter_mut().filter(|((at, _), _)| Some(*at) == session) {
            *waiting = None;
        }
    }

    /// What is to be told now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(SessionId, Told)> {
        let mut due = Vec::new();
        self.spoken.retain(|(session, _), (again, waiting)| {
            if *again > now {
                return true;
            }
            match waiting.take() {
                None => false,
                Some(told) => {
                    due.push((*session, told));
                    *again = now + PAUSE;
                    true
                }
            }
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(read: i64, except: Option<ConnId>) -> Told {
        let receipt = Receipt { username: "avi".to_owned(), read, received: read };
        Told { receipt, to: Audience::Session(SessionId(1)), except }
    }

    #[test]
    fn the_first_is_told_at_once_and_the_last_a_second_later() {
        let (mut receipts, start, session) = (Receipts::default(), Instant::now(), SessionId(1));
        assert!(receipts.moved(session, told(1, None), start).is_some());
        assert!(receipts.moved(session, told(2, None), start).is_none());
        assert!(receipts.moved(session, told(3, None), start).is_none());
        assert!(receipts.due(start).is_empty());
        assert_eq!(receipts.due(start + PAUSE), vec![(session, told(3, None))]);
        assert!(receipts.due(start + PAUSE * 2).is_empty());
        assert!(receipts.spoken.is_empty());
    }

    #[test]
    fn two_devices_hear_of_each_other() {
        let (mut receipts, start, session) = (Receipts::default(), Instant::now(), SessionId(1));
        receipts.moved(session, told(1, Some(ConnId(1))), start);
        receipts.moved(session, told(2, Some(ConnId(1))), start);
        receipts.moved(session, told(3, Some(ConnId(2))), start);
        assert_eq!(receipts.due(start + PAUSE), vec![(session, told(3, None))]);
    }
}
