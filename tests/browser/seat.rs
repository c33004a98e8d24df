//! Who may run now: a browser and a server are two busy processes, and cargo starts as many tests as there are cores.

use std::sync::{Condvar, Mutex, PoisonError};

/// How many specs run at once. More would only wait for each other.
const SEATS: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// Places among those that run, given back when it is dropped, by a failing test too.
pub struct Seat(usize);

impl Seat {
    /// Waits for a place.
    pub fn one() -> Self {
        Self::take(1)
    }

    /// Waits until nobody else runs: for what measures time.
    pub fn all() -> Self {
        Self::take(SEATS)
    }

    fn take(places: usize) -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = FREED.wait_while(taken, |taken| *taken + places > SEATS);
        *wait.unwrap_or_else(PoisonError::into_inner) += places;
        Self(places)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
        FREED.notify_all();
    }
}
