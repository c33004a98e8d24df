//! Latencies as they are recorded and reported.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::number::real;

/// Nothing takes longer than an hour; what does is recorded as one.
const LONGEST: u64 = 3_600_000_000_000;
/// A latency is known to within 1 %.
const SIGNIFICANT_DIGITS: u8 = 2;

/// An empty histogram of nanoseconds. Its memory is fixed: recording never allocates.
#[expect(clippy::expect_used, reason = "the bounds are constants, which a test tries")]
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, SIGNIFICANT_DIGITS).expect("the bounds fit")
}

#[derive(Debug, Serialize)]
pub struct Latency {
    /// Half are not above this.
    pub p50_ms: f64,
    /// 99 % are not above this.
    pub p99_ms: f64,
    pub max_ms: f64,
}

impl Latency {
    /// Of a histogram of nanoseconds; `None` of an empty one.
    pub fn new(histogram: &Histogram<u64>) -> Option<Self> {
        let milliseconds = |nanoseconds: u64| real(nanoseconds / 1000) / 1000.0;
        (!histogram.is_empty()).then(|| Self {
            p50_ms: milliseconds(histogram.value_at_quantile(0.5)),
            p99_ms: milliseconds(histogram.value_at_quantile(0.99)),
            max_ms: milliseconds(histogram.max()),
        })
    }

    pub fn line(&self) -> String {
        format!("p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms", self.p50_ms, self.p99_ms, self.max_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_reported_to_within_one_percent() {
        let mut times = histogram();
        assert!(Latency::new(&times).is_none(), "nothing was recorded");
        for milliseconds in 1..=100 {
            times.saturating_record(milliseconds * 1_000_000);
        }
        let Latency { p50_ms, p99_ms, max_ms } = Latency::new(&times).unwrap();
        for (reported, exact) in [(p50_ms, 50.0), (p99_ms, 99.0), (max_ms, 100.0)] {
            assert!((exact..exact * 1.01).contains(&reported), "{reported} for {exact}");
        }
    }

    #[test]
    fn a_latency_above_the_bound_is_recorded() {
        let mut times = histogram();
        times.saturating_record(u64::MAX);
        assert!(Latency::new(&times).is_some_and(|latency| latency.max_ms >= 3_600_000.0));
    }
}
