//! A log-linear histogram: every power of two is cut into 64 equal steps, so a value is known to within 1.6 %,
//! from nanoseconds to centuries, in 30 KB and a few instructions a value.

/// Steps that each power of two is cut into, as a power of two.
const STEP_BITS: u32 = 6;
const STEPS: u64 = 1 << STEP_BITS;

/// Counts of values by size.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// As long as the largest value needs.
    counts: Vec<u64>,
    total: u64,
    largest: u64,
}

impl Histogram {
    /// Counts one value.
    pub fn add(&mut self, value: u64) {
        let place = place(value);
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.total += 1;
        self.largest = self.largest.max(value);
    }

    /// Counts all that another one counted.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.largest = self.largest.max(other.largest);
    }

    /// The value that `thousandths` of all values do not pass; `None` without values.
    pub fn quantile(&self, thousandths: u64) -> Option<u64> {
        let wanted = (self.total * thousandths).div_ceil(1000).max(1);
        let mut passed = 0;
        self.counts.iter().enumerate().find_map(|(place, count)| {
            passed += count;
            (passed >= wanted).then(|| value(place).min(self.largest))
        })
    }

    /// The largest value; 0 without values.
    pub fn largest(&self) -> u64 {
        self.largest
    }
}

fn place(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(STEP_BITS + 1);
    let place = u64::from(shift) * STEPS + (value >> shift);
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The largest value counted at a place.
fn value(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    let shift = (place / STEPS).saturating_sub(1);
    let step = place - shift * STEPS;
    ((step + 1) << shift) - 1
}
