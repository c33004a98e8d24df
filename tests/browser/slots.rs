//! Limits how many specs run at once: a browser and a server are two busy processes, and cargo starts a test per core.

use std::sync::{Condvar, Mutex, PoisonError};

/// Specs that run at once.
const SLOTS: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// Slots, freed on drop, also by a failing test.
pub struct Slots(usize);

impl Slots {
    /// Waits for a slot.
    pub fn one() -> Self {
        Self::take(1)
    }

    /// Waits until no other spec runs: for measurements of time.
    pub fn all() -> Self {
        Self::take(SLOTS)
    }

    fn take(slots: usize) -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = FREED.wait_while(taken, |taken| *taken + slots > SLOTS);
        *wait.unwrap_or_else(PoisonError::into_inner) += slots;
        Self(slots)
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
        FREED.notify_all();
    }
}
