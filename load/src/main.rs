//! The load program: how much a Parlor carries, measured from outside over the native WebSocket dialect or Socket.IO.
//!
//!     cargo run --release --bin parlor-load -- pairs  --pairs 200 --seconds 5
//!     cargo run --release --bin parlor-load -- fanout --connections 200 --senders 4 --window 4
//!     cargo run --release --bin parlor-load -- fanout --dialect native,socketio --rounds 5
//!     cargo run --release --bin parlor-load -- idle   --connections 10000
//!     cargo run --release --bin parlor-load -- scale  --messages 1000000 --sessions 1000
//!
//! Without `--url` it starts `target/release/parlor` itself on a free port, with a fresh database in a temporary folder
//! and every rate at 0, and stops it at the end. With `--url` it measures a server that already runs, and refuses where
//! that server's limits would be what is measured. `--help` lists the rest.
//!
//! Every connection checks what it is promised: `message` and its own `ok` together are 1, 2, 3 … without a gap.
//! Exit code 0: measured, and nothing lost, doubled or out of order; 1: measured, with breaches; 2: not measured.
//! The program shares the machine with the server, so it is thrifty: frames are masked with the zero key, incoming JSON
//! is searched for a few names and not parsed, what a connection has to send leaves in one write.

mod board;
mod breaches;
mod client;
mod comparison;
mod dialect;
mod error;
mod field;
mod frame_kind;
mod latency;
mod ledger;
mod letter;
mod limits;
mod measurement;
mod number;
mod options;
mod part;
mod people;
mod plan;
mod player;
mod process;
mod report;
mod scale;
mod server;
mod socket;
mod tally;
mod wire;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use crate::comparison::Comparison;
use crate::error::LoadError;
use crate::options::{Options, Play};
use crate::report::Report;
use crate::scale::{Size, Table};

fn main() -> ExitCode {
    let options = Options::parse();
    if let Play::Scale { messages, sessions, runs, only, database } = &options.play {
        let size = Size { messages: *messages, sessions: *sessions };
        return match scale::measure(&options, size, Table::new(only), *runs, database.as_deref()) {
            Ok(table) => {
                print(&options, &table, table.table());
                ExitCode::SUCCESS
            }
            Err(error) => not_measured(&error),
        };
    }
    let reports = match measure_all(&options) {
        Ok(reports) => reports,
        Err(error) => return not_measured(&error),
    };
    let has_failed = reports.iter().any(|report| !report.failures.is_empty());
    if let [only] = reports.as_slice() {
        print(&options, only, only.table());
    } else {
        let comparison = Comparison::new(&options.dialect, reports);
        print(&options, &comparison, comparison.table());
    }
    if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// To standard output, as a table or as one line of JSON.
fn print(options: &Options, result: &impl serde::Serialize, table: String) {
    if options.json {
        println!("{}", serde_json::to_string(result).unwrap_or_default());
    } else {
        print!("{table}");
    }
}

fn not_measured(error: &LoadError) -> ExitCode {
    eprintln!("load: {error}");
    ExitCode::from(2)
}

/// Measures every dialect, round after round; every other round backwards, so that none always comes behind another.
fn measure_all(options: &Options) -> Result<Vec<Report>, LoadError> {
    let several = options.rounds > 1 || options.dialect.len() > 1;
    if several && options.url.is_none() && options.client_cpu.is_some() && options.server_cpu.is_none() {
        // From the second one on they would inherit it.
        return Err(LoadError::Usage(
            "--client-cpu would pin the servers of later rounds, too: give --server-cpu".into(),
        ));
    }
    let mut reports = Vec::new();
    for round in 0..options.rounds {
        let mut dialects = options.dialect.clone();
        if !round.is_multiple_of(2) {
            dialects.reverse();
        }
        for dialect in dialects {
            let report = measurement::take(options, dialect)?;
            if several {
                let (value, measure) = report.measure();
                eprintln!("load: round {}, {dialect}: {} {measure}", round + 1, number::grouped(value));
            }
            reports.push(report);
        }
    }
    Ok(reports)
}
