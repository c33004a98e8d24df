//! What one thread counted within the measured time. Breaches are counted elsewhere (`ledger`) and at all times.

use std::ops::Range;

use hdrhistogram::Histogram;

use crate::latency::histogram;

#[derive(Debug)]
pub struct Tally {
    pub measured: Range<u64>,
    pub messages: u64,
    pub deliveries: u64,
    pub ack: Histogram<u64>,
    pub delivery: Histogram<u64>,
    /// Frames at all times.
    pub frames: u64,
    /// Sends without an answer yet.
    pub under_way: u64,
}

impl Tally {
    /// Nothing counted, and nothing to be counted until the measured time is set.
    pub fn new() -> Self {
        Self {
            measured: 0..0,
            messages: 0,
            deliveries: 0,
            ack: histogram(),
            delivery: histogram(),
            frames: 0,
            under_way: 0,
        }
    }

    pub fn acknowledged(&mut self, sent: u64, now: u64) {
        if self.measured.contains(&now) {
            self.messages += 1;
            self.ack.saturating_record(now.saturating_sub(sent));
        }
    }

    /// A message came `now`; `sent` is `None` if its text does not begin with a time.
    pub fn delivered(&mut self, sent: Option<u64>, now: u64) {
        if self.measured.contains(&now) {
            self.deliveries += 1;
            if let Some(sent) = sent {
                self.delivery.saturating_record(now.saturating_sub(sent));
            }
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.deliveries += other.deliveries;
        self.ack += &other.ack;
        self.delivery += &other.delivery;
        self.frames += other.frames;
        self.under_way += other.under_way;
    }
}
