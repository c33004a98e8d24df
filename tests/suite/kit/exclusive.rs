//! One heavy test at a time: two at once would measure each other.

use std::sync::{Mutex, MutexGuard, PoisonError};

static FLOOR: Mutex<()> = Mutex::new(());

/// Waits for the other heavy tests of this binary; they wait until the guard is dropped.
pub fn alone() -> MutexGuard<'static, ()> {
    // A heavy test that failed leaves nothing behind that could harm the next.
    FLOOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for what no event announces (`/proc`, a count) by polling; fails after `patience`.
#[track_caller]
pub fn until(what: &str, patience: std::time::Duration, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + patience;
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "not within {patience:?}: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
