//! Log lines that strangers can cause: each once in a while, and few in all.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The same line is logged again after so long.
const AGAIN: Duration = Duration::from_secs(600);
/// Different lines within that time.
const MOST: usize = 32;

/// Says which lines are to be logged.
#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<Option<HashMap<u64, Instant>>>);

impl Notices {
    /// Nothing was logged yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// True where a line about `what` is due: not logged within the last ten minutes, as few others were.
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
    fn a_line_comes_once_in_a_while_and_few_come_in_all() {
        let (notices, now) = (Notices::new(), Instant::now());
        assert!(notices.is_due(&"a", now) && notices.is_due(&"b", now));
        assert!(!notices.is_due(&"a", now + AGAIN / 2));
        assert!(notices.is_due(&"a", now + AGAIN));
        let later = now + AGAIN * 3;
        let logged = (0..1_000).filter(|line| notices.is_due(line, later)).count();
        assert_eq!(logged, MOST);
        assert!(notices.is_due(&"c", later + AGAIN));
    }
}
