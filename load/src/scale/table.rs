//! What was measured, a row for each question.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::latency::{Latency, histogram};
use crate::number::nanoseconds;
use crate::trouble::Trouble;

/// How long one thing took.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What was asked.
    pub what: String,
    /// How long the answer took.
    #[serde(flatten)]
    pub took: Latency,
    /// Bytes of the last answer.
    pub bytes: usize,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Table {
    /// In the order in which they were asked.
    pub rows: Vec<Row>,
    #[serde(skip)]
    only: String,
}

impl Table {
    /// An empty table, for what has `only` in its name.
    pub fn new(only: &str) -> Self {
        Self { rows: Vec::new(), only: only.to_owned() }
    }

    /// True for what is to be measured.
    pub fn wants(&self, what: &str) -> bool {
        what.contains(&self.only)
    }

    /// Adds what took so long.
    pub fn add(&mut self, what: &str, times: &Histogram<u64>, bytes: usize) {
        self.rows.extend(Latency::new(times).map(|took| Row { what: what.to_owned(), took, bytes }));
    }

    /// To standard output.
    pub fn print(&self, json: bool) {
        if json {
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        println!("{:<46} {:>9} {:>9} {:>9} {:>9}", "", "median ms", "p99 ms", "longest", "bytes");
        for Row { what, took, bytes } in &self.rows {
            println!("{what:<46} {:>9.2} {:>9.2} {:>9.2} {bytes:>9}", took.p50_ms, took.p99_ms, took.max_ms);
        }
    }
}

/// Asks `runs` times, and a few times before so that the cache is warm; `ask` says how many bytes it was answered.
pub async fn time(
    table: &mut Table,
    what: &str,
    runs: usize,
    mut ask: impl AsyncFnMut(usize) -> Result<usize, Trouble>,
) -> Result<(), Trouble> {
    if !table.wants(what) {
        return Ok(());
    }
    let (mut times, mut bytes) = (histogram(), 0);
    for warm in 0..runs.min(10) {
        ask(warm).await?;
    }
    for run in 0..runs {
        let began = Instant::now();
        bytes = ask(run).await?;
        times.saturating_record(nanoseconds(began.elapsed()));
        // Nobody asks without a pause; and what follows an answer is not to be counted with the next question.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    table.add(what, &times, bytes);
    Ok(())
}
