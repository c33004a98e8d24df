//! What was measured, for people or as one line of JSON, and every promise found broken.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::breaches::Breaches;
use crate::dialect::Dialect;
use crate::latency::Latency;
use crate::limits::Limits;
use crate::number::{count, grouped, per_second, real};
use crate::plan::Plan;
use crate::tally::Tally;
use crate::worker::Outcome;

#[derive(Debug)]
pub struct Usage {
    pub opening: Duration,
    pub measured: Duration,
    pub server_cpu: Option<Duration>,
    pub own_cpu: Duration,
    /// The server's memory at the end, in bytes.
    pub resident: Option<u64>,
    /// The server's memory before the first connection, in bytes.
    pub resident_empty: Option<u64>,
}

/// What was measured. A field is `None` where the server's process is not known or the play has no such thing.
#[derive(Debug, Serialize)]
pub struct Report {
    pub play: String,
    pub dialect: Dialect,
    pub server: String,
    pub connections: usize,
    pub opening_seconds: f64,
    pub seconds: f64,
    pub messages: u64,
    pub messages_per_second: u64,
    pub deliveries: u64,
    pub deliveries_per_second: u64,
    pub ack: Option<Latency>,
    pub delivery: Option<Latency>,
    pub server_cpu_seconds: Option<f64>,
    pub server_cpu_seconds_per_million: Option<f64>,
    /// The server's memory at the end of the measured time, in bytes.
    pub server_resident: Option<u64>,
    /// The server's memory before the first connection, in bytes.
    pub server_resident_empty: Option<u64>,
    /// The difference of both for each connection, in bytes; only where no connection sends.
    pub bytes_per_connection: Option<u64>,
    pub own_cpu_seconds: f64,
    /// Frames checked, warm-up included.
    pub frames: u64,
    pub breaches: Breaches,
    /// The same in words; empty if all went well.
    pub failures: Vec<String>,
    /// The server's limits; 0 is none.
    pub limits: Map<String, Value>,
}

impl Report {
    /// Adds up the threads' outcomes and holds every connection against the last seq of its session.
    pub fn new(plan: &Plan, limits: &Limits, usage: &Usage, outcomes: Vec<Outcome>) -> Self {
        let mut tally = Tally::new();
        let mut ledgers = Vec::new();
        for outcome in outcomes {
            tally.merge(&outcome.tally);
            ledgers.extend(outcome.ledgers);
        }
        let breaches = Breaches::new(&ledgers);
        let mut failures = breaches.sentences(&ledgers);
        if tally.messages == 0 && !plan.is_idle() {
            failures.push("not one message was acknowledged in the measured time".into());
        }
        let server_cpu = usage.server_cpu.map(|cpu| cpu.as_secs_f64());
        let grown = usage.resident.zip(usage.resident_empty).map(|(full, empty)| full.saturating_sub(empty));
        let connections = count(plan.connections());
        Self {
            play: plan.title(),
            dialect: plan.dialect,
            server: limits.server().to_owned(),
            connections: plan.connections(),
            opening_seconds: usage.opening.as_secs_f64(),
            seconds: usage.measured.as_secs_f64(),
            messages: tally.messages,
            messages_per_second: per_second(tally.messages, usage.measured),
            deliveries: tally.deliveries,
            deliveries_per_second: per_second(tally.deliveries, usage.measured),
            ack: Latency::new(&tally.ack),
            delivery: Latency::new(&tally.delivery),
            server_cpu_seconds: server_cpu,
            server_cpu_seconds_per_million: server_cpu
                .filter(|_| tally.deliveries > 0)
                .map(|cpu| cpu * 1e6 / real(tally.deliveries)),
            server_resident: usage.resident,
            server_resident_empty: usage.resident_empty,
            bytes_per_connection: grown.filter(|_| plan.is_idle()).and_then(|bytes| bytes.checked_div(connections)),
            own_cpu_seconds: usage.own_cpu.as_secs_f64(),
            frames: tally.frames,
            breaches,
            failures,
            limits: limits.all().clone(),
        }
    }

    /// What measurements of one play are compared by, and what it counts.
    pub fn measure(&self) -> (u64, &'static str) {
        match self.bytes_per_connection {
            Some(bytes) => (bytes, "bytes per connection"),
            None => (self.deliveries_per_second, "deliveries/s"),
        }
    }

    pub fn table(&self) -> String {
        let mut lines = vec![self.play.clone()];
        lines.push(format!("dialect     {}", self.dialect));
        lines.push(format!(
            "opening     {} connections ready in {:.2} s",
            grouped(count(self.connections)),
            self.opening_seconds
        ));
        if let Some(bytes) = self.bytes_per_connection {
            lines.push(format!("memory      {:.2} KB per connection", real(bytes) / 1e3));
        } else {
            lines.push(format!("messages    {}/s kept and acknowledged", grouped(self.messages_per_second)));
            lines.push(format!("deliveries  {}/s", grouped(self.deliveries_per_second)));
        }
        lines.extend(self.ack.as_ref().map(|latency| format!("ack         {}", latency.line())));
        lines.extend(self.delivery.as_ref().map(|latency| format!("delivery    {}", latency.line())));
        lines.extend(self.server_line());
        let own = self.own_cpu_seconds;
        lines.push(format!("this        CPU {own:.2} s ({:.0} % of a core)", own * 100.0 / self.seconds));
        let wrong = &self.breaches;
        lines.push(format!(
            "order       {} frames: {} lost, {} doubled, {} reordered; acks: {} lost, {} doubled, {} reordered",
            grouped(self.frames),
            wrong.lost,
            wrong.doubled,
            wrong.reordered,
            wrong.acks_lost,
            wrong.acks_doubled,
            wrong.acks_reordered
        ));
        lines.extend(self.failures.iter().map(|failure| format!("FAILED      {failure}")));
        lines.join("\n") + "\n"
    }

    fn server_line(&self) -> Option<String> {
        let (cpu, resident) = (self.server_cpu_seconds?, self.server_resident?);
        let share = cpu * 100.0 / self.seconds;
        let million = self.server_cpu_seconds_per_million.map(|cpu| format!(", {cpu:.2} s per million deliveries"));
        let empty = self.server_resident_empty.map(|bytes| format!(" ({:.1} MB before)", real(bytes) / 1e6));
        Some(format!(
            "server      CPU {cpu:.2} s ({share:.0} % of a core){}, RSS {:.1} MB{}",
            million.unwrap_or_default(),
            real(resident) / 1e6,
            empty.unwrap_or_default()
        ))
    }
}
