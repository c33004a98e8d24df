//! What one connection received, compared with what it is promised: `message` and its own `ok` of the session are
//! seq 1, 2, 3 … each once and in order, and its sends are answered once and in the order sent.

use std::collections::{BTreeSet, VecDeque};

use crate::number::count;

/// Gaps longer than this are remembered only so far; they are breaches enough.
const REMEMBERED: usize = 100_000;

#[derive(Debug, Default)]
pub struct Ledger {
    pub session: usize,
    pub last: u64,
    missing: BTreeSet<u64>,
    pub doubled: u64,
    pub reordered: u64,
    /// Sends without an answer, oldest first: id and time of sending.
    pending: VecDeque<(u64, u64)>,
    pub sent: u64,
    pub acks_doubled: u64,
    pub acks_reordered: u64,
    pub refused: u64,
    /// The frame of the first refusal.
    pub refusal: Option<String>,
    pub ended: Option<String>,
}

impl Ledger {
    pub fn new(session: usize) -> Self {
        Self { session, ..Self::default() }
    }

    pub fn send(&mut self, now: u64) -> u64 {
        self.sent += 1;
        self.pending.push_back((self.sent, now));
        self.sent
    }

    /// An answer came; when its send left, `None` if no such send is open.
    pub fn answer(&mut self, id: u64) -> Option<u64> {
        let place = match self.pending.front() {
            Some((first, _)) if *first == id => Some(0),
            _ => self.pending.iter().position(|(open, _)| *open == id),
        };
        let sent_at = place.and_then(|place| self.pending.remove(place)).map(|(_, sent_at)| sent_at);
        match place {
            Some(0) => {}
            Some(_) => self.acks_reordered += 1,
            None => self.acks_doubled += 1,
        }
        sent_at
    }

    pub fn see(&mut self, seq: u64) {
        if seq == self.last + 1 {
            self.last = seq;
        } else if seq > self.last {
            self.missing.extend((self.last + 1..seq).take(REMEMBERED));
            self.last = seq;
        } else if self.missing.remove(&seq) {
            self.reordered += 1;
        } else {
            self.doubled += 1;
        }
    }

    pub fn unanswered(&self) -> u64 {
        count(self.pending.len())
    }

    /// Sends whose answer is owed. A connection that has ended is owed nothing more: its end is the breach.
    pub fn acks_lost(&self) -> u64 {
        if self.ended.is_some() { 0 } else { self.unanswered() }
    }

    /// Messages never seen, in a session that has come to `seq`.
    pub fn lost(&self, seq: u64) -> u64 {
        let owed = if self.ended.is_some() { 0 } else { seq.saturating_sub(self.last) };
        count(self.missing.len()) + owed
    }
}
