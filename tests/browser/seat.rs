//! Who may run now: a browser and a server are two busy processes, and cargo starts as many tests as there are cores.

use std::sync::{Condvar, Mutex, PoisonError};

/// How many specs run at once. More would measure each other's load.
const SEATS: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// A place among those that run, given back when it is dropped, by a failing test too.
pub struct Seat(());

impl Seat {
    /// Waits for a place.
    pub fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        *FREED.wait_while(taken, |taken| *taken >= SEATS).unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
