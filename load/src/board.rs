//! What the connections of one thread share: the phase of the play, the clock, one read buffer and the counts.
//! A change of phase wakes each of them once, which costs a playing connection nothing.

use std::cell::{Cell, RefCell};
use std::task::Waker;
use std::time::Instant;

use crate::number::nanoseconds;
use crate::tally::Tally;

/// One read takes up to this; the largest frame of a Parlor (256 KiB) fits twice.
const SCRATCH: usize = 512 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Quiet,
    Play,
    Over,
}

#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Where it begins; the play begins earlier, by the warm-up.
    pub from: Instant,
    pub to: Instant,
}

#[derive(Debug)]
pub struct Board {
    zero: Instant,
    phase: Cell<Phase>,
    wakers: RefCell<Vec<Waker>>,
    pub scratch: RefCell<Vec<u8>>,
    pub tally: RefCell<Tally>,
}

impl Board {
    /// A quiet board; times are nanoseconds since `zero`, the same on all threads.
    pub fn new(zero: Instant) -> Self {
        Self {
            zero,
            phase: Cell::new(Phase::Quiet),
            wakers: RefCell::default(),
            scratch: RefCell::new(vec![0; SCRATCH]),
            tally: RefCell::new(Tally::new()),
        }
    }

    pub fn now(&self) -> u64 {
        nanoseconds(self.zero.elapsed())
    }

    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub fn watch(&self, waker: &Waker) {
        self.wakers.borrow_mut().push(waker.clone());
    }

    pub fn measure(&self, times: Times) {
        let since_zero = |moment: Instant| nanoseconds(moment.saturating_duration_since(self.zero));
        self.tally.borrow_mut().measured = since_zero(times.from)..since_zero(times.to);
    }

    pub fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        for waker in self.wakers.borrow().iter() {
            waker.wake_by_ref();
        }
    }
}
