//! Buckets by user, address or both, shared by all threads and dropped when idle.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Bucket, Rate, Saved, SavedKey};

/// The number of buckets from which idle ones are swept whenever the map would grow.
pub(super) const SWEEP: usize = 4_096;

#[derive(Debug)]
pub(crate) struct Throttle<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
    /// The name under which keys are saved, and those that have changed; `None` where a restart may forget them.
    saved: Option<(&'static str, Mutex<HashSet<K>>)>,
}

impl<K: Clone + Eq + Hash> Throttle<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()), saved: None }
    }

    /// Saved and restored under the name `budget`.
    pub(crate) fn saved(budget: &'static str, rate: Rate) -> Self {
        Self { saved: Some((budget, Mutex::default())), ..Self::new(rate) }
    }

    /// Whether one more of `key` would pass.
    ///
    /// # Errors
    /// Milliseconds until it would.
    pub(crate) fn look(&self, key: &K) -> Result<(), u64> {
        let now = Instant::now();
        self.lock().get(key).map_or(Ok(()), |bucket| bucket.look(self.rate, now)).map_err(milliseconds)
    }

    pub(crate) fn count(&self, key: K) {
        if !self.rate.is_unlimited() {
            let now = Instant::now();
            self.mark(&key);
            self.room(now).entry(key).or_default().count(self.rate, now);
        }
    }

    /// Takes one of `key`.
    ///
    /// # Errors
    /// Milliseconds until it would pass.
    pub(crate) fn take(&self, key: K) -> Result<(), u64> {
        if self.rate.is_unlimited() {
            return Ok(());
        }
        let now = Instant::now();
        self.mark(&key);
        self.room(now).entry(key).or_default().take(self.rate, now).map_err(milliseconds)
    }

    pub(crate) fn clear(&self, key: &K) {
        self.mark(key);
        self.lock().remove(key);
    }

    fn mark(&self, key: &K) {
        if let Some((_, changed)) = &self.saved {
            changed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Bucket>> {
        // A bucket is consistent after every step, also where a panic has poisoned the lock.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room(&self, now: Instant) -> MutexGuard<'_, HashMap<K, Bucket>> {
        let mut buckets = self.lock();
        if buckets.len() >= SWEEP && buckets.len() == buckets.capacity() {
            buckets.retain(|_, bucket| !bucket.is_idle(now));
        }
        buckets
    }
}

/// Rounded up, for `Retry-After`.
pub(super) fn milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

impl<K: SavedKey> Throttle<K> {
    /// Appends what has changed since the last call.
    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        let Some((budget, changed)) = &self.saved else { return };
        let changed = std::mem::take(&mut *changed.lock().unwrap_or_else(PoisonError::into_inner));
        let (now, buckets) = (Instant::now(), self.lock());
        out.extend(changed.into_iter().map(|key| {
            let ahead = buckets.get(&key).map_or(Duration::ZERO, |bucket| bucket.ahead(now));
            Saved { budget: (*budget).to_owned(), key: key.write(), ahead }
        }));
    }

    /// Ignores other budgets.
    pub(crate) fn restore(&self, saved: &Saved) {
        let is_own = self.saved.as_ref().is_some_and(|(budget, _)| *budget == saved.budget);
        if let (true, false, Some(key)) = (is_own, self.rate.is_unlimited(), K::read(&saved.key)) {
            self.lock().insert(key, Bucket::used(self.rate, saved.ahead, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_share() {
        let throttle = Throttle::new(Rate::per_minute(1, 1));
        assert_eq!(throttle.take("a"), Ok(()));
        assert!(throttle.take("a").is_err());
        assert_eq!(throttle.take("b"), Ok(()));
        throttle.clear(&"a");
        assert_eq!(throttle.look(&"a"), Ok(()));
    }
}
