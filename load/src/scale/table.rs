//! What was measured, a row for each request.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::error::LoadError;
use crate::latency::{Latency, histogram};
use crate::number::nanoseconds;

#[derive(Debug, Serialize)]
pub struct Row {
    pub what: String,
    #[serde(flatten)]
    pub took: Latency,
    pub bytes: usize,
}

#[derive(Debug, Serialize)]
pub struct Table {
    pub rows: Vec<Row>,
    #[serde(skip)]
    only: String,
}

impl Table {
    pub fn new(only: &str) -> Self {
        Self { rows: Vec::new(), only: only.to_owned() }
    }

    pub fn wants(&self, what: &str) -> bool {
        what.contains(&self.only)
    }

    pub fn add(&mut self, what: &str, times: &Histogram<u64>, bytes: usize) {
        self.rows.extend(Latency::new(times).map(|took| Row { what: what.to_owned(), took, bytes }));
    }

    pub fn table(&self) -> String {
        let line = |Row { what, took, bytes }: &Row| {
            format!("{what:<46} {:>9.2} {:>9.2} {:>9.2} {bytes:>9}\n", took.p50_ms, took.p99_ms, took.max_ms)
        };
        let head = format!("{:<46} {:>9} {:>9} {:>9} {:>9}\n", "", "median ms", "p99 ms", "longest", "bytes");
        head + &self.rows.iter().map(line).collect::<String>()
    }
}

/// Measures `runs` requests, after a few that warm the cache; `request` returns the size of its answer.
pub async fn time(
    table: &mut Table,
    what: &str,
    runs: usize,
    mut request: impl AsyncFnMut(usize) -> Result<usize, LoadError>,
) -> Result<(), LoadError> {
    if !table.wants(what) {
        return Ok(());
    }
    let (mut times, mut bytes) = (histogram(), 0);
    for warm in 0..runs.min(10) {
        request(warm).await?;
    }
    for run in 0..runs {
        let began = Instant::now();
        bytes = request(run).await?;
        times.saturating_record(nanoseconds(began.elapsed()));
        // Clients pause too, and work that follows an answer is not to count for the next request.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    table.add(what, &times, bytes);
    Ok(())
}
