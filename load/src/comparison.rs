//! Several measurements of one play, taken in turn, side by side: each dialect's median, and how it compares with the first.

use serde::Serialize;

use crate::dialect::Dialect;
use crate::number::{grouped, real};
use crate::report::Report;

#[derive(Debug, Serialize)]
pub struct Row {
    pub dialect: Dialect,
    /// The median of its rounds, of an even number the lower: deliveries a second, or bytes of a connection that idles.
    pub median: u64,
    pub least: u64,
    pub most: u64,
    /// In per cent of what the first dialect had in the same round, the median of all rounds: a machine that does other
    /// things for a while spoils a round for both.
    pub percent: Option<f64>,
    /// The server's CPU for a million deliveries, the median round's by this measure.
    pub server_cpu_seconds_per_million: Option<f64>,
}

#[derive(Debug, Serialize)]
pub struct Comparison {
    pub play: String,
    pub measure: &'static str,
    pub rows: Vec<Row>,
    /// Promises found broken, with dialect and round; empty if all went well.
    pub failures: Vec<String>,
    pub reports: Vec<Report>,
}

impl Comparison {
    /// Of reports in the order in which they were taken; the first one's dialect is what others are compared with.
    pub fn new(dialects: &[Dialect], reports: Vec<Report>) -> Self {
        let rounds: Vec<&[Report]> = reports.chunks(dialects.len().max(1)).collect();
        let first = dialects.first().copied();
        let rows = dialects.iter().map(|dialect| Row::new(*dialect, first.unwrap_or(*dialect), &rounds)).collect();
        let mut failures = Vec::new();
        for (round, reports) in rounds.iter().enumerate() {
            for report in *reports {
                let whose = format!("{}, round {}", report.dialect, round + 1);
                failures.extend(report.failures.iter().map(|failure| format!("{whose}: {failure}")));
            }
        }
        let (play, measure) = reports.first().map_or_else(Default::default, |one| (one.play.clone(), one.measure().1));
        Self { play, measure, rows, failures, reports }
    }

    pub fn table(&self) -> String {
        let rounds = self.reports.len() / self.rows.len().max(1);
        let mut lines = vec![format!("{}; rounds: {rounds}", self.play)];
        lines.extend(self.rows.iter().map(|row| row.line(self.measure)));
        let frames: u64 = self.reports.iter().map(|report| report.frames).sum();
        if self.failures.is_empty() {
            lines.push(format!("order       {} frames: nothing lost, doubled or reordered", grouped(frames)));
        }
        lines.extend(self.failures.iter().map(|failure| format!("FAILED      {failure}")));
        lines.join("\n") + "\n"
    }
}

impl Row {
    fn new(dialect: Dialect, first: Dialect, rounds: &[&[Report]]) -> Self {
        let own = || rounds.iter().filter_map(|round| of(dialect, round));
        let mut values: Vec<u64> = own().map(|report| report.measure().0).collect();
        values.sort_unstable();
        let share = |round: &&[Report]| {
            let (own, first) = (of(dialect, round)?.measure().0, of(first, round)?.measure().0);
            (first > 0).then(|| real(own) * 100.0 / real(first))
        };
        let mut shares: Vec<f64> = rounds.iter().filter_map(share).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let mut costs: Vec<f64> = own().filter_map(|report| report.server_cpu_seconds_per_million).collect();
        costs.sort_unstable_by(f64::total_cmp);
        Self {
            dialect,
            median: middle(&values).unwrap_or(0),
            least: values.first().copied().unwrap_or(0),
            most: values.last().copied().unwrap_or(0),
            percent: middle(&shares),
            server_cpu_seconds_per_million: middle(&costs),
        }
    }

    fn line(&self, measure: &str) -> String {
        let cpu = self.server_cpu_seconds_per_million;
        format!(
            "{:<11} {} {measure} ({} to {}){}{}",
            self.dialect,
            grouped(self.median),
            grouped(self.least),
            grouped(self.most),
            self.percent.map(|percent| format!(", {percent:.1} %")).unwrap_or_default(),
            cpu.map(|cpu| format!(", server CPU {cpu:.2} s per million")).unwrap_or_default()
        )
    }
}

fn of(dialect: Dialect, round: &[Report]) -> Option<&Report> {
    round.iter().find(|report| report.dialect == dialect)
}

/// The median of sorted values, of an even number the lower.
fn middle<T: Copy>(sorted: &[T]) -> Option<T> {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}
