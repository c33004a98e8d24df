//! Limits log lines that clients can cause: each repeats rarely, and few are logged in all.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a line is not repeated, and how many different ones are logged within that time.
const AGAIN: Duration = Duration::from_secs(600);
const MOST: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct LogThrottle(Mutex<Option<HashMap<u64, Instant>>>);

impl LogThrottle {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// True where a line about `what` was not logged in the last ten minutes, nor too many others.
    pub(crate) fn is_due(&self, what: &impl Hash, now: Instant) -> bool {
        let mut hash = DefaultHasher::new();
        what.hash(&mut hash);
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let logged = logged.get_or_insert_default();
        logged.retain(|_, at| now.saturating_duration_since(*at) < AGAIN);
        if logged.len() >= MOST || logged.contains_key(&hash.finish()) {
            return false;
        }
        logged.insert(hash.finish(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_repeats_rarely_and_few_are_logged() {
        let (notices, now) = (LogThrottle::new(), Instant::now());
        assert!(notices.is_due(&"a", now) && notices.is_due(&"b", now));
        assert!(!notices.is_due(&"a", now + AGAIN / 2));
        assert!(notices.is_due(&"a", now + AGAIN));
        let later = now + AGAIN * 3;
        let logged = (0..1_000).filter(|line| notices.is_due(line, later)).count();
        assert_eq!(logged, MOST);
        assert!(notices.is_due(&"c", later + AGAIN));
    }
}
