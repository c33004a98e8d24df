//! Receipts, at most one a second for each member of a session: the first at once, the last one of a second at its end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

use crate::domain::{Delivery, SessionId};

const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// By session and username: when the next receipt may be sent, and the one that is pending until then.
    recent: HashMap<(SessionId, String), (Instant, Option<Delivery>)>,
}

impl Receipts {
    /// A mark of this user has moved. Returns the receipt where it may be sent now; otherwise [`Self::due`] returns it later.
    pub(super) fn moved(
        &mut self,
        session: SessionId,
        username: String,
        receipt: Delivery,
        now: Instant,
    ) -> Option<Delivery> {
        match self.recent.entry((session, username)) {
            Entry::Vacant(free) => {
                free.insert((now + INTERVAL, None));
                Some(receipt)
            }
            Entry::Occupied(mut known) => {
                let (next, pending) = known.get_mut();
                if *next <= now && pending.is_none() {
                    *next = now + INTERVAL;
                    return Some(receipt);
                }
                // A connection that moved a mark knows of it; where two did, each must receive the other's.
                let is_of_others = pending.as_ref().is_some_and(|other| other.except != receipt.except);
                let except = receipt.except.filter(|_| !is_of_others);
                *pending = Some(receipt.except(except));
                None
            }
        }
    }

    /// Drops the pending receipts of a session: its two users are separated by a block from now on.
    pub(super) fn drop_pending(&mut self, session: Option<SessionId>) {
        for (_, (_, pending)) in self.recent.iter_mut().filter(|((at, _), _)| Some(*at) == session) {
            *pending = None;
        }
    }

    pub(super) fn due(&mut self, now: Instant) -> Vec<Delivery> {
        let mut due = Vec::new();
        self.recent.retain(|_, (next, pending)| {
            if *next > now {
                return true;
            }
            let Some(receipt) = pending.take() else { return false };
            due.push(receipt);
            *next = now + INTERVAL;
            true
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Audience, ConnId, Event, Receipt};

    const SESSION: SessionId = SessionId(1);

    fn move_to(receipts: &mut Receipts, read: i64, except: Option<ConnId>, now: Instant) -> Option<Delivery> {
        let receipt = Receipt { username: "avi".to_owned(), read, received: read };
        let event = Event::Marked { session: SESSION, receipt };
        receipts.moved(SESSION, "avi".to_owned(), Delivery::new(Audience::Session(SESSION), event).except(except), now)
    }

    fn due(receipts: &mut Receipts, now: Instant) -> Vec<(i64, Option<ConnId>)> {
        let read = |delivery: Delivery| match delivery.event {
            Event::Marked { receipt, .. } => (receipt.read, delivery.except),
            other => panic!("{other:?}"),
        };
        receipts.due(now).into_iter().map(read).collect()
    }

    #[test]
    fn the_first_is_sent_at_once_and_the_last_a_second_later() {
        let (mut receipts, start) = (Receipts::default(), Instant::now());
        assert!(move_to(&mut receipts, 1, None, start).is_some());
        assert!(move_to(&mut receipts, 2, None, start).is_none());
        assert!(move_to(&mut receipts, 3, None, start).is_none());
        assert!(receipts.due(start).is_empty());
        assert_eq!(due(&mut receipts, start + INTERVAL), vec![(3, None)]);
        assert!(receipts.due(start + INTERVAL * 2).is_empty());
        assert!(receipts.recent.is_empty());
    }

    #[test]
    fn two_devices_receive_each_others_receipts() {
        let (mut receipts, start) = (Receipts::default(), Instant::now());
        move_to(&mut receipts, 1, Some(ConnId(1)), start);
        move_to(&mut receipts, 2, Some(ConnId(1)), start);
        move_to(&mut receipts, 3, Some(ConnId(2)), start);
        assert_eq!(due(&mut receipts, start + INTERVAL), vec![(3, None)]);
    }
}
