//! Fair scheduling of reads: one user's long reads queue among themselves and never take every connection, so that other
//! users' requests, above all the lookups of their tokens, do not wait behind them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::domain::UserId;

/// Gives out reading connections. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(super) struct ReadScheduler(Arc<State>);

struct State {
    /// One for each reading connection.
    readers: Arc<Semaphore>,
    /// One fewer: the last connection is for short reads alone.
    long: Arc<Semaphore>,
    /// How many long reads of one user may run or be next in the common queue.
    per_user: usize,
    /// Users with long reads that run or wait.
    queues: Mutex<HashMap<UserId, UserQueue>>,
}

struct UserQueue {
    slots: Arc<Semaphore>,
    /// Reads that run or wait.
    count: usize,
}

/// The right to use a connection for one read; given back when dropped.
pub(super) struct ReadPermit {
    _reader: OwnedSemaphorePermit,
    _long: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit, Queued)>,
}

/// Keeps a user's queue for as long as one of their reads runs or waits.
struct Queued {
    scheduler: ReadScheduler,
    user: UserId,
}

impl ReadScheduler {
    /// Schedules on so many connections (at least one).
    pub(super) fn new(readers: usize) -> Self {
        let readers = readers.max(1);
        let state = State {
            readers: Arc::new(Semaphore::new(readers)),
            long: Arc::new(Semaphore::new(readers.saturating_sub(1).max(1))),
            per_user: (readers / 2).max(1),
            queues: Mutex::default(),
        };
        Self(Arc::new(state))
    }

    /// A permit for a short read, first come, first served.
    pub(super) async fn short(&self) -> Result<ReadPermit, AcquireError> {
        let reader = Arc::clone(&self.0.readers).acquire_owned().await?;
        Ok(ReadPermit { _reader: reader, _long: None })
    }

    /// A permit for a read of this user that may take long. Of each user only a few wait in the common queue, so users take
    /// turns.
    pub(super) async fn long(&self, user: UserId) -> Result<ReadPermit, AcquireError> {
        let (queued, slots) = self.enqueue(user);
        let slot = slots.acquire_owned().await?;
        let long = Arc::clone(&self.0.long).acquire_owned().await?;
        let reader = Arc::clone(&self.0.readers).acquire_owned().await?;
        Ok(ReadPermit { _reader: reader, _long: Some((long, slot, queued)) })
    }

    pub(super) fn free(&self) -> usize {
        self.0.readers.available_permits()
    }

    fn enqueue(&self, user: UserId) -> (Queued, Arc<Semaphore>) {
        let mut queues = self.lock();
        let new = || UserQueue { slots: Arc::new(Semaphore::new(self.0.per_user)), count: 0 };
        let queue = queues.entry(user).or_insert_with(new);
        queue.count += 1;
        let slots = Arc::clone(&queue.slots);
        drop(queues);
        (Queued { scheduler: self.clone(), user }, slots)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserQueue>> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut queues = self.scheduler.lock();
        if let Some(queue) = queues.get_mut(&self.user) {
            queue.count -= 1;
            if queue.count == 0 {
                queues.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const FLOOD: UserId = UserId(1);

    /// The permit, where it is available immediately.
    fn at_once(permit: impl Future<Output = Result<ReadPermit, AcquireError>>) -> Option<ReadPermit> {
        permit.now_or_never().map(Result::unwrap)
    }

    #[test]
    fn one_user_never_takes_all_connections() {
        let scheduler = ReadScheduler::new(4);
        let mut own: Vec<_> = std::iter::from_fn(|| at_once(scheduler.long(FLOOD))).collect();
        assert_eq!(own.len(), 2);
        let other = at_once(scheduler.long(UserId(2))).expect("another user's permit");
        assert!(at_once(scheduler.long(UserId(3))).is_none(), "the last connection is for short reads");
        let short = at_once(scheduler.short()).expect("a short read's permit");
        assert!(at_once(scheduler.short()).is_none() && scheduler.free() == 0);
        drop(short);
        own.pop();
        let third = at_once(scheduler.long(UserId(3))).expect("room again");
        drop((own, other, third));
        assert!(scheduler.lock().is_empty() && scheduler.free() == 4);
    }

    #[test]
    fn a_later_user_does_not_wait_behind_all_of_a_flood() {
        let scheduler = ReadScheduler::new(2);
        let first = at_once(scheduler.long(FLOOD)).unwrap();
        let mut flood: Vec<_> = (0..100).map(|_| Box::pin(scheduler.long(FLOOD))).collect();
        assert!(flood.iter_mut().all(|permit| permit.as_mut().now_or_never().is_none()));
        let mut other = Box::pin(scheduler.long(UserId(2)));
        assert!(other.as_mut().now_or_never().is_none());
        drop(first);
        // Of each user one read is in the common queue, and that of the flood entered it later.
        let served = flood.iter_mut().filter_map(|permit| at_once(permit.as_mut())).count();
        let other = at_once(other.as_mut());
        assert!(served == 0 && other.is_some());
        drop(other);
        let next: Vec<_> = flood.iter_mut().filter_map(|permit| at_once(permit.as_mut())).collect();
        assert_eq!(next.len(), 1);
    }

    #[test]
    fn a_cancelled_read_leaves_nothing_behind() {
        let scheduler = ReadScheduler::new(1);
        let running = at_once(scheduler.long(FLOOD)).unwrap();
        let mut waiting = Box::pin(scheduler.long(FLOOD));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop((waiting, running));
        assert!(scheduler.lock().is_empty() && at_once(scheduler.long(FLOOD)).is_some());
    }
}
