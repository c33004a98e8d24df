//! Failure budgets for attempts whose outcome takes a while: password checks. At most as many attempts are in flight as failures
//! are left; further ones wait for an outcome. So a thousand wrong passwords at once are no more tries than one after the other,
//! and any number of right ones pass.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::throttle::{SWEEP, milliseconds};
use super::{Bucket, Rate, Saved, SavedKey};
use crate::domain::Refusal;

/// Attempts per key that may wait for those in flight; further ones are refused with `busy`.
const QUEUE: usize = 256;

/// A failure budget for each key. Cheap to clone; all clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Attempts<K: Clone + Eq + Hash>(Arc<Budget<K>>);

#[derive(Debug)]
struct Budget<K: Clone + Eq + Hash> {
    name: &'static str,
    rate: Rate,
    keys: Mutex<HashMap<K, KeyState<K>>>,
    /// Keys that have changed since they were last saved.
    changed: Mutex<HashSet<K>>,
}

#[derive(Debug)]
struct KeyState<K: Clone + Eq + Hash> {
    failures: Bucket,
    in_flight: u32,
    waiting: VecDeque<oneshot::Sender<Result<Attempt<K>, u64>>>,
}

/// An admitted attempt without an outcome yet.
#[derive(Debug)]
#[must_use = "dropped, it counts as no attempt"]
pub(crate) struct Attempt<K: Clone + Eq + Hash> {
    /// `None` once it is settled, and without a limit.
    of: Option<(Arc<Budget<K>>, K)>,
}

impl<K: Clone + Eq + Hash> Default for KeyState<K> {
    fn default() -> Self {
        Self { failures: Bucket::default(), in_flight: 0, waiting: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash> Attempts<K> {
    /// Saved and restored under this name.
    pub(crate) fn new(name: &'static str, rate: Rate) -> Self {
        Self(Arc::new(Budget { name, rate, keys: Mutex::default(), changed: Mutex::default() }))
    }

    /// Admits an attempt, at once or when others have ended, in the order of the calls for its key.
    ///
    /// # Errors
    /// `too_many_attempts` when the budget is used up, also while waiting; `busy` behind too many waiting attempts.
    pub(crate) async fn begin(&self, key: K) -> Result<Attempt<K>, Refusal> {
        if self.0.rate.is_unlimited() {
            return Ok(Attempt { of: None });
        }
        let turn = {
            let now = Instant::now();
            let mut keys = self.0.lock();
            if keys.len() >= SWEEP && keys.len() == keys.capacity() {
                keys.retain(|_, state| !state.is_idle(now));
            }
            let state = keys.entry(key.clone()).or_default();
            let left = state.failures.left(self.0.rate, now);
            if left == 0 {
                return Err(Refusal::TooManyAttempts(state.wait(self.0.rate, now)));
            }
            if state.waiting.is_empty() && state.in_flight < left {
                state.in_flight += 1;
                return Ok(Attempt { of: Some((Arc::clone(&self.0), key)) });
            }
            if state.waiting.len() >= QUEUE {
                // Clients that have disconnected do not count.
                state.waiting.retain(|waiting| !waiting.is_closed());
            }
            if state.waiting.len() >= QUEUE {
                return Err(Refusal::Busy);
            }
            let (sender, turn) = oneshot::channel();
            state.waiting.push_back(sender);
            turn
        };
        turn.await.map_err(|_| Refusal::Internal)?.map_err(Refusal::TooManyAttempts)
    }
}

impl<K: SavedKey> Attempts<K> {
    /// Appends what has changed since the last call.
    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        let changed = std::mem::take(&mut *self.0.changed.lock().unwrap_or_else(PoisonError::into_inner));
        let (now, keys) = (Instant::now(), self.0.lock());
        out.extend(changed.into_iter().map(|key| {
            let ahead = keys.get(&key).map_or(Duration::ZERO, |state| state.failures.ahead(now));
            Saved { budget: self.0.name.to_owned(), key: key.write(), ahead }
        }));
    }

    /// Ignores other budgets.
    pub(crate) fn restore(&self, saved: &Saved) {
        let is_own = self.0.name == saved.budget;
        if let (true, false, Some(key)) = (is_own, self.0.rate.is_unlimited(), K::read(&saved.key)) {
            let failures = Bucket::used(self.0.rate, saved.ahead, Instant::now());
            self.0.lock().entry(key).or_default().failures = failures;
        }
    }
}

impl<K: Clone + Eq + Hash> Attempt<K> {
    pub(crate) fn failed(mut self) {
        self.settle(|state, rate, now| state.failures.count(rate, now));
    }

    /// Clears the earlier failures of the key.
    pub(crate) fn succeeded(mut self) {
        self.settle(|state, _, _| state.failures = Bucket::default());
    }

    fn settle(&mut self, outcome: impl FnOnce(&mut KeyState<K>, Rate, Instant)) {
        let Some((shared, key)) = self.of.take() else { return };
        let now = Instant::now();
        let mut undelivered = Vec::new();
        {
            let mut keys = shared.lock();
            let Entry::Occupied(mut entry) = keys.entry(key) else { return };
            let key = entry.key().clone();
            let state = entry.get_mut();
            state.in_flight = state.in_flight.saturating_sub(1);
            let before = state.failures.ahead(now);
            outcome(state, shared.rate, now);
            if state.failures.ahead(now) != before {
                shared.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
            }
            while !state.waiting.is_empty() {
                let left = state.failures.left(shared.rate, now);
                if left > 0 && state.in_flight >= left {
                    break;
                }
                let Some(next) = state.waiting.pop_front() else { break };
                if left == 0 {
                    let _ = next.send(Err(state.wait(shared.rate, now)));
                    continue;
                }
                let attempt = Self { of: Some((Arc::clone(&shared), key.clone())) };
                match next.send(Ok(attempt)) {
                    Ok(()) => state.in_flight += 1,
                    Err(unclaimed) => undelivered.push(unclaimed),
                }
            }
            if state.is_idle(now) {
                entry.remove();
            }
        }
        // Never in flight; their drop would take the lock.
        for mut attempt in undelivered.into_iter().flatten() {
            drop(attempt.of.take());
        }
    }
}

impl<K: Clone + Eq + Hash> Drop for Attempt<K> {
    fn drop(&mut self) {
        self.settle(|_, _, _| ());
    }
}

impl<K: Clone + Eq + Hash> Budget<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, KeyState<K>>> {
        // A state is consistent after every step, also where a panic has poisoned the lock.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> KeyState<K> {
    fn is_idle(&self, now: Instant) -> bool {
        self.in_flight == 0 && self.waiting.is_empty() && self.failures.is_idle(now)
    }

    /// Milliseconds until an attempt would pass.
    fn wait(&self, rate: Rate, now: Instant) -> u64 {
        milliseconds(self.failures.look(rate, now).err().unwrap_or(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;

    fn budget(count: u32) -> Attempts<&'static str> {
        Attempts::new("test", Rate::within(Duration::from_secs(900), count, count))
    }

    #[actix_web::test]
    async fn many_failures_at_once_are_the_budget_and_no_more() {
        let attempts = budget(5);
        let tried = join_all((0..100).map(|_| async {
            let attempt = attempts.begin("avi").await?;
            tokio::task::yield_now().await;
            attempt.failed();
            Ok::<(), Refusal>(())
        }));
        let tried = tried.await;
        assert_eq!(tried.iter().filter(|outcome| outcome.is_ok()).count(), 5);
        assert!(tried.iter().flat_map(|outcome| outcome.as_ref().err()).all(|no| no.retry_after_ms().is_some()));
        assert!(attempts.begin("lisa").await.is_ok(), "another key");
    }

    #[actix_web::test]
    async fn successes_pass_in_any_number() {
        let attempts = budget(2);
        let passed = join_all((0..100).map(|_| async {
            let attempt = attempts.begin("avi").await.unwrap();
            tokio::task::yield_now().await;
            attempt.succeeded();
        }));
        assert_eq!(passed.await.len(), 100);
        assert!(attempts.0.lock().is_empty(), "nothing is kept of them");
    }

    #[actix_web::test]
    async fn at_most_as_many_are_in_flight_as_failures_are_left() {
        let attempts = budget(2);
        let first = attempts.begin("avi").await.unwrap();
        let second = attempts.begin("avi").await.unwrap();
        let mut third = Box::pin(attempts.begin("avi"));
        assert!((&mut third).now_or_never().is_none());
        first.failed();
        assert!((&mut third).now_or_never().is_none(), "one is left, and one is in flight");
        drop(second);
        assert!(third.now_or_never().unwrap().is_ok());
    }

    #[actix_web::test]
    async fn an_abandoned_attempt_takes_no_place() {
        let attempts = budget(1);
        let first = attempts.begin("avi").await.unwrap();
        let mut abandoned = Box::pin(attempts.begin("avi"));
        let mut granted = Box::pin(attempts.begin("avi"));
        let mut last = Box::pin(attempts.begin("avi"));
        assert!(
            (&mut abandoned).now_or_never().is_none()
                && (&mut granted).now_or_never().is_none()
                && (&mut last).now_or_never().is_none()
        );
        drop(abandoned);
        drop(first);
        // Admitted, and not polled since.
        drop(granted);
        assert!(last.now_or_never().unwrap().is_ok());
        assert!(attempts.0.lock().is_empty());
    }
}
