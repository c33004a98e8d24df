//! Latencies as they are reported.

use serde::Serialize;

use crate::histogram::Histogram;
use crate::number::real;

/// Latencies, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Latency {
    /// Half are not above this.
    pub p50_ms: f64,
    /// 99 % are not above this.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Latency {
    /// Of a histogram of nanoseconds; `None` of an empty one.
    pub fn new(histogram: &Histogram) -> Option<Self> {
        let milliseconds = |nanoseconds: u64| real(nanoseconds / 1000) / 1000.0;
        Some(Self {
            p50_ms: milliseconds(histogram.quantile(500)?),
            p99_ms: milliseconds(histogram.quantile(990)?),
            max_ms: milliseconds(histogram.largest()),
        })
    }

    /// For a reader.
    pub fn line(&self) -> String {
        format!("p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms", self.p50_ms, self.p99_ms, self.max_ms)
    }
}
