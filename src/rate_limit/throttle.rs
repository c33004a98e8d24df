//! One bucket for each user, address or pair of both, shared by all threads and forgotten when idle.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Bucket, Rate, Saved, SavedKey};

/// Idle buckets are swept out whenever so many have come since the last sweep.
pub(super) const SWEEP: usize = 4_096;

/// Buckets of one rate by key.
#[derive(Debug)]
pub(crate) struct Throttle<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
    /// Keys that have changed since they were last saved; `None` for what a restart may forget.
    changed: Option<Mutex<HashSet<K>>>,
}

impl<K: Clone + Eq + Hash> Throttle<K> {
    /// Nobody has used anything. A restart forgets all of it.
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()), changed: None }
    }

    /// The same for what is saved and restored.
    pub(crate) fn saved(rate: Rate) -> Self {
        Self { changed: Some(Mutex::default()), ..Self::new(rate) }
    }

    /// Whether one more of `key` would pass.
    ///
    /// # Errors
    /// Milliseconds until it would.
    pub(crate) fn look(&self, key: &K) -> Result<(), u64> {
        let now = Instant::now();
        self.lock().get(key).map_or(Ok(()), |bucket| bucket.look(self.rate, now)).map_err(milliseconds)
    }

    /// Counts one of `key`.
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

    /// Forgets `key`, as after a login that worked.
    pub(crate) fn clear(&self, key: &K) {
        self.mark(key);
        self.lock().remove(key);
    }

    fn mark(&self, key: &K) {
        if let Some(changed) = &self.changed {
            changed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Bucket>> {
        // A bucket is whole after every step, so a panic elsewhere leaves nothing half done.
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

/// For `Retry-After`: rounded up.
pub(super) fn milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

impl<K: SavedKey> Throttle<K> {
    /// Appends what has changed since the last call, as the part of `budget`.
    pub(crate) fn changes(&self, budget: &str, out: &mut Vec<Saved>) {
        let Some(changed) = &self.changed else { return };
        let changed = std::mem::take(&mut *changed.lock().unwrap_or_else(PoisonError::into_inner));
        let (now, buckets) = (Instant::now(), self.lock());
        out.extend(changed.into_iter().map(|key| {
            let ahead = buckets.get(&key).map_or(Duration::ZERO, |bucket| bucket.ahead(now));
            Saved { budget: budget.to_owned(), key: key.write(), ahead }
        }));
    }

    /// Takes back what was saved.
    pub(crate) fn restore(&self, saved: &Saved) {
        if let (Some(key), false) = (K::read(&saved.key), self.rate.is_unlimited()) {
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
