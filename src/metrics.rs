//! Metrics: atomics that any part updates, and their text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::{self, Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;

pub(crate) static CONNECTIONS: Counter = Counter::new();
/// Sessions with a connection; set when metrics are requested.
pub(crate) static ROOMS: Counter = Counter::new();
pub(crate) static ONLINE: Counter = Counter::new();
/// Queued jobs of the writer; set when metrics are requested.
pub(crate) static WRITER_QUEUE: Counter = Counter::new();
pub(crate) static READS: Counter = Counter::new();
/// Stored messages, notices too.
pub(crate) static MESSAGES: Counter = Counter::new();
/// Jobs that shared a commit.
pub(crate) static COMMIT_PIECES: Histogram<8> = Histogram::new([1, 4, 16, 64, 128, 256, 512, 1_024]);
pub(crate) static COMMIT_TIME: Histogram<12> = Histogram::new(MICROSECONDS);
pub(crate) static READ_TIME: Histogram<12> = Histogram::new(MICROSECONDS);
/// Commits of this node that were published to the other nodes.
pub(crate) static BUS_PUBLISHED: Counter = Counter::new();
/// Those that could not be.
pub(crate) static BUS_FAILED: Counter = Counter::new();
/// Commits of other nodes that came by the bus.
pub(crate) static BUS_RECEIVED: Counter = Counter::new();
/// Frames of the bus that were not authentic, malformed or of another version.
pub(crate) static BUS_DROPPED: Counter = Counter::new();
/// Refusals by error code.
pub(crate) static REFUSALS: CounterByCode<&str, 21> = CounterByCode::new([
    "invalid_request",
    "unknown_user",
    "unknown_room",
    "unauthenticated",
    "wrong_password",
    "forbidden",
    "invite_required",
    "blocked",
    "not_found",
    "username_taken",
    "already_connected",
    "key_conflict",
    "limit_reached",
    "invite_closed",
    "too_large",
    "unsupported_media_type",
    "too_many_attempts",
    "rate_limited",
    "busy",
    "unavailable",
    "internal",
]);
/// Closed connections by close code; 1006 without one.
pub(crate) static CLOSES: CounterByCode<u16, 14> =
    CounterByCode::new([1000, 1002, 1006, 1007, 1009, 1012, 1013, 4008, 4009, 4029, 4500, 4501, 4502, 4503]);

const MICROSECONDS: [u64; 12] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

pub(crate) struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn decrement(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, count: usize) {
        self.0.store(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Values counted by the smallest bound that they do not exceed.
pub(crate) struct Histogram<const N: usize> {
    bounds: [u64; N],
    counts: [AtomicU64; N],
    above: AtomicU64,
    sum: AtomicU64,
}

impl<const N: usize> Histogram<N> {
    const fn new(bounds: [u64; N]) -> Self {
        Self { bounds, counts: [const { AtomicU64::new(0) }; N], above: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    pub(crate) fn observe(&self, value: usize) {
        self.count(u64::try_from(value).unwrap_or(u64::MAX));
    }

    pub(crate) fn observe_time(&self, time: Duration) {
        self.count(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    fn count(&self, value: u64) {
        let fitting = self.bounds.iter().zip(&self.counts).find(|(bound, _)| value <= **bound);
        fitting.map_or(&self.above, |(_, count)| count).fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    fn write(&self, to: &mut String, name: &str, help: &str, unit: fn(u64) -> String) -> fmt::Result {
        head(to, name, help, "histogram")?;
        let mut all = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            all += count.load(Ordering::Relaxed);
            writeln!(to, "{name}_bucket{{le=\"{}\"}} {all}", unit(*bound))?;
        }
        all += self.above.load(Ordering::Relaxed);
        writeln!(to, "{name}_bucket{{le=\"+Inf\"}} {all}")?;
        writeln!(to, "{name}_sum {}\n{name}_count {all}", unit(self.sum.load(Ordering::Relaxed)))
    }
}

/// A counter for each of several codes, and one for all others.
pub(crate) struct CounterByCode<C, const N: usize> {
    codes: [C; N],
    counts: [AtomicU64; N],
    other: AtomicU64,
}

impl<C: PartialEq + Display, const N: usize> CounterByCode<C, N> {
    const fn new(codes: [C; N]) -> Self {
        Self { codes, counts: [const { AtomicU64::new(0) }; N], other: AtomicU64::new(0) }
    }

    pub(crate) fn count(&self, code: C) {
        let own = self.codes.iter().zip(&self.counts).find(|(known, _)| **known == code);
        own.map_or(&self.other, |(_, count)| count).fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self, to: &mut String, name: &str, help: &str, other: &str) -> fmt::Result {
        head(to, name, help, "counter")?;
        for (code, count) in self.codes.iter().zip(&self.counts) {
            writeln!(to, "{name}{{code=\"{code}\"}} {}", count.load(Ordering::Relaxed))?;
        }
        writeln!(to, "{name}{{code=\"{other}\"}} {}", self.other.load(Ordering::Relaxed))
    }
}

pub(crate) fn text() -> String {
    let mut text = String::with_capacity(8_192);
    // Writing to a string does not fail.
    let _ = write(&mut text);
    let process = prometheus::TextEncoder::new().encode_to_string(&ProcessCollector::for_self().collect());
    text.push_str(&process.unwrap_or_default());
    text
}

fn write(to: &mut String) -> fmt::Result {
    let gauges = [
        (&CONNECTIONS, "parlor_connections", "Live sockets."),
        (&ROOMS, "parlor_rooms_open", "Sessions with a live connection in them."),
        (&ONLINE, "parlor_users_online", "Users who are online."),
        (&WRITER_QUEUE, "parlor_writer_queue", "Pieces that wait to be kept."),
        (&READS, "parlor_reads_under_way", "Reads of the database that run now."),
    ];
    for (number, name, help) in gauges {
        head(to, name, help, "gauge")?;
        writeln!(to, "{name} {}", number.get())?;
    }
    head(to, "parlor_messages_total", "Messages kept, notices too.", "counter")?;
    writeln!(to, "parlor_messages_total {}", MESSAGES.get())?;
    let counters = [
        (&BUS_PUBLISHED, "parlor_bus_published_total", "Commits published to other nodes."),
        (&BUS_FAILED, "parlor_bus_failed_total", "Commits that could not be published and are read from the database."),
        (&BUS_RECEIVED, "parlor_bus_received_total", "Commits of other nodes that came by Redis."),
        (&BUS_DROPPED, "parlor_bus_dropped_total", "Frames on Redis that were forged, damaged or of another version."),
    ];
    for (number, name, help) in counters {
        head(to, name, help, "counter")?;
        writeln!(to, "{name} {}", number.get())?;
    }
    COMMIT_PIECES.write(to, "parlor_commit_pieces", "Pieces that shared a commit.", |pieces| pieces.to_string())?;
    COMMIT_TIME.write(to, "parlor_commit_seconds", "Time a commit took.", seconds)?;
    READ_TIME.write(to, "parlor_read_seconds", "Time a read of the database took.", seconds)?;
    REFUSALS.write(to, "parlor_refusals_total", "Refusals said, over REST and in frames.", "other")?;
    CLOSES.write(to, "parlor_closes_total", "Connections closed, by close code; 1006: without one.", "other")?;
    head(to, "parlor_build_info", "The version that runs.", "gauge")?;
    writeln!(to, "parlor_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))
}

fn head(to: &mut String, name: &str, help: &str, kind: &str) -> fmt::Result {
    writeln!(to, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_everything_below_each_bound() {
        let histogram = Histogram::new([10, 100]);
        for value in [1, 10, 11, 1_000] {
            histogram.observe(value);
        }
        let mut text = String::new();
        histogram.write(&mut text, "x", "X.", |value| value.to_string()).unwrap();
        let wire = "# HELP x X.\n# TYPE x histogram\nx_bucket{le=\"10\"} 2\nx_bucket{le=\"100\"} 3\n\
                    x_bucket{le=\"+Inf\"} 4\nx_sum 1022\nx_count 4\n";
        assert_eq!(text, wire);
    }

    #[test]
    fn an_unknown_code_is_counted_as_other() {
        let coded = CounterByCode::new(["a"]);
        coded.count("a");
        coded.count("b");
        let mut text = String::new();
        coded.write(&mut text, "x", "X.", "other").unwrap();
        assert!(text.ends_with("x{code=\"a\"} 1\nx{code=\"other\"} 1\n"), "{text}");
    }

    #[test]
    fn times_are_written_in_seconds() {
        assert_eq!(seconds(1_234_567), "1.234567");
        assert_eq!(seconds(100), "0.000100");
    }
}
