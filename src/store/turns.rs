//! Whose turn it is to read: one user's long reads stand in a queue of their own and never take every connection, so that
//! nobody else's requests, least of all the look at their token, wait behind them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::domain::UserId;

/// The reading connections, and who waits for one. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(super) struct Turns(Arc<Shared>);

struct Shared {
    /// One for each reading connection.
    readers: Arc<Semaphore>,
    /// One fewer: the last connection is for short reads alone.
    long: Arc<Semaphore>,
    /// How many long reads of one user may have their turn or be next.
    per_user: usize,
    /// Users with long reads at hand.
    lanes: Mutex<HashMap<UserId, Lane>>,
}

struct Lane {
    places: Arc<Semaphore>,
    /// Reads that wait or run.
    count: usize,
}

/// A connection's use for one read; given back when dropped.
pub(super) struct Turn {
    _reader: OwnedSemaphorePermit,
    _long: Option<Long>,
}

struct Long {
    _long: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
    _in_lane: InLane,
}

/// Keeps a user's lane for as long as one of their reads is at hand.
struct InLane {
    turns: Turns,
    user: UserId,
}

impl Turns {
    /// Turns on so many connections (at least one).
    pub(super) fn new(readers: usize) -> Self {
        let readers = readers.max(1);
        let shared = Shared {
            readers: Arc::new(Semaphore::new(readers)),
            long: Arc::new(Semaphore::new(readers.saturating_sub(1).max(1))),
            per_user: (readers / 2).max(1),
            lanes: Mutex::default(),
        };
        Self(Arc::new(shared))
    }

    /// A turn for a short read, in the order in which they ask.
    ///
    /// # Errors
    /// Where the server ends.
    pub(super) async fn short(&self) -> Result<Turn, AcquireError> {
        let reader = Arc::clone(&self.0.readers).acquire_owned().await?;
        Ok(Turn { _reader: reader, _long: None })
    }

    /// A turn for a read of this user that may take long. Users take turns: of each, only a few stand in the common queue.
    ///
    /// # Errors
    /// Where the server ends.
    pub(super) async fn long(&self, user: UserId) -> Result<Turn, AcquireError> {
        let (in_lane, places) = self.enter(user);
        let place = places.acquire_owned().await?;
        let long = Arc::clone(&self.0.long).acquire_owned().await?;
        let reader = Arc::clone(&self.0.readers).acquire_owned().await?;
        Ok(Turn { _reader: reader, _long: Some(Long { _long: long, _place: place, _in_lane: in_lane }) })
    }

    /// Connections that nobody uses now.
    pub(super) fn free(&self) -> usize {
        self.0.readers.available_permits()
    }

    fn enter(&self, user: UserId) -> (InLane, Arc<Semaphore>) {
        let mut lanes = self.lock();
        let new = || Lane { places: Arc::new(Semaphore::new(self.0.per_user)), count: 0 };
        let lane = lanes.entry(user).or_insert_with(new);
        lane.count += 1;
        let places = Arc::clone(&lane.places);
        drop(lanes);
        (InLane { turns: self.clone(), user }, places)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Lane>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InLane {
    fn drop(&mut self) {
        let mut lanes = self.turns.lock();
        if let Some(lane) = lanes.get_mut(&self.user) {
            lane.count -= 1;
            if lane.count == 0 {
                lanes.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const FLOOD: UserId = UserId(1);

    /// The turn, where it can be had at once.
    fn at_once(turn: impl Future<Output = Result<Turn, AcquireError>>) -> Option<Turn> {
        turn.now_or_never().map(Result::unwrap)
    }

    #[test]
    fn one_user_never_takes_all_turns() {
        let turns = Turns::new(4);
        let mut own: Vec<_> = std::iter::from_fn(|| at_once(turns.long(FLOOD))).collect();
        assert_eq!(own.len(), 2);
        let other = at_once(turns.long(UserId(2))).expect("another user's turn");
        assert!(at_once(turns.long(UserId(3))).is_none(), "the last connection is for short reads");
        let short = at_once(turns.short()).expect("a short read's turn");
        assert!(at_once(turns.short()).is_none() && turns.free() == 0);
        drop(short);
        own.pop();
        let third = at_once(turns.long(UserId(3))).expect("room again");
        drop((own, other, third));
        assert!(turns.lock().is_empty() && turns.free() == 4);
    }

    #[test]
    fn whoever_asks_later_is_not_behind_all_of_a_flood() {
        let turns = Turns::new(2);
        let first = at_once(turns.long(FLOOD)).unwrap();
        let mut flood: Vec<_> = (0..100).map(|_| Box::pin(turns.long(FLOOD))).collect();
        assert!(flood.iter_mut().all(|turn| turn.as_mut().now_or_never().is_none()));
        let mut other = Box::pin(turns.long(UserId(2)));
        assert!(other.as_mut().now_or_never().is_none());
        drop(first);
        // Of each user one stands in the common queue, and that of the flood came to it later.
        let served = flood.iter_mut().filter_map(|turn| at_once(turn.as_mut())).count();
        let other = at_once(other.as_mut());
        assert!(served == 0 && other.is_some());
        drop(other);
        let next: Vec<_> = flood.iter_mut().filter_map(|turn| at_once(turn.as_mut())).collect();
        assert_eq!(next.len(), 1);
    }

    #[test]
    fn whoever_stops_waiting_leaves_nothing_behind() {
        let turns = Turns::new(1);
        let running = at_once(turns.long(FLOOD)).unwrap();
        let mut waiting = Box::pin(turns.long(FLOOD));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop((waiting, running));
        assert!(turns.lock().is_empty() && at_once(turns.long(FLOOD)).is_some());
    }
}
