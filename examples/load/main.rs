//! The load program: how much a Parlor carries, measured from outside over the native WebSocket dialect or Socket.IO.
//!
//!     cargo run --release --example load -- pairs  --pairs 200 --seconds 5
//!     cargo run --release --example load -- fanout --connections 200 --senders 4 --window 4
//!     cargo run --release --example load -- fanout --dialect native,socketio --rounds 5
//!     cargo run --release --example load -- idle   --connections 10000
//!     cargo run --release --example load -- scale  --messages 1000000 --sessions 1000
//!
//! Without `--url` it starts `target/release/parlor` itself on a free port, with a fresh database in a temporary folder
//! and every rate at 0, and stops it at the end. With `--url` it measures a server that already runs, and refuses where
//! that server's limits would be what is measured. `--help` lists the rest.
//!
//! Every connection checks what it is promised: `message` and its own `ok` together are 1, 2, 3 … without a gap.
//! Exit code 0: measured, and nothing lost, doubled or out of order; 1: measured, with breaches; 2: not measured.
//! The program shares the machine with the server, so it is thrifty: frames are masked with the zero key, incoming JSON
//! is searched for a few names and not parsed, what a connection has to say leaves in one write.

mod board;
mod breaches;
mod client;
mod comparison;
mod dialect;
mod ear;
mod folder;
mod histogram;
mod latency;
mod ledger;
mod letter;
mod limits;
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
mod sight;
mod socket;
mod tally;
mod trouble;
mod wire;
mod worker;

use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::board::Times;
use crate::client::Target;
use crate::comparison::Comparison;
use crate::dialect::Dialect;
use crate::limits::Limits;
use crate::options::{Options, Play};
use crate::part::Part;
use crate::people::{Person, Registry};
use crate::plan::Plan;
use crate::process::Process;
use crate::report::Report;
use crate::scale::{Size, Table};
use crate::server::Server;
use crate::trouble::Trouble;
use crate::worker::{Outcome, Worker};

fn main() -> ExitCode {
    let options = Options::parse();
    if let Play::Scale { messages, sessions, runs, only, database } = &options.play {
        let size = Size { messages: *messages, sessions: *sessions };
        return match scale::measure(&options, size, Table::new(only), *runs, database.as_deref()) {
            Ok(table) => {
                table.print(options.json);
                ExitCode::SUCCESS
            }
            Err(trouble) => not_measured(&trouble),
        };
    }
    let reports = match measure_all(&options) {
        Ok(reports) => reports,
        Err(trouble) => return not_measured(&trouble),
    };
    let has_failed = reports.iter().any(|report| !report.failures.is_empty());
    if let [only] = reports.as_slice() {
        only.print(options.json);
    } else {
        Comparison::new(&options.dialect, reports).print(options.json);
    }
    if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn not_measured(trouble: &Trouble) -> ExitCode {
    eprintln!("load: {trouble}");
    ExitCode::from(2)
}

/// Measures every dialect, round after round; every other round backwards, so that none always comes behind another.
fn measure_all(options: &Options) -> Result<Vec<Report>, Trouble> {
    let several = options.rounds > 1 || options.dialect.len() > 1;
    if several && options.url.is_none() && options.client_cpu.is_some() && options.server_cpu.is_none() {
        // From the second one on they would inherit it.
        return Err(Trouble::Usage(
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
            let report = measure(options, dialect)?;
            if several {
                let (value, measure) = report.measure();
                eprintln!("load: round {}, {dialect}: {} {measure}", round + 1, number::grouped(value));
            }
            reports.push(report);
        }
    }
    Ok(reports)
}

fn measure(options: &Options, dialect: Dialect) -> Result<Report, Trouble> {
    let plan = Plan::new(options, dialect)?;
    // Before the server starts: it inherits the raised limit.
    process::allow_descriptors(plan.connections() + 200)?;
    let mut server = match &options.url {
        Some(_) => None,
        None => Some(Server::start(options)?),
    };
    // After the server starts: it must not inherit this.
    if let Some(cpu) = &options.client_cpu {
        process::pin_myself(cpu)?;
    }
    let mut target = match (&server, &options.url) {
        (Some(server), _) => server.target()?,
        (None, url) => Target::parse(url.as_deref().unwrap_or_default())?,
    };
    let set = set_up(options, &plan, &target)?;
    if let (Some(server), true) = (&mut server, plan.is_idle()) {
        // What password hashing leaves in the allocator would hide what connections cost.
        server.restart()?;
        target = server.target()?;
    }
    let process = server.as_ref().map(Server::pid).or(options.pid).map(Process::new);
    perform(options, plan, set, &target, process.as_ref())
}

/// What is there before the measuring starts.
struct SetUp {
    limits: Limits,
    parts: Vec<Part>,
}

/// Makes the users and their sessions, and looks at the server's limits as soon as two users are there.
fn set_up(options: &Options, plan: &Plan, target: &Target) -> Result<SetUp, Trouble> {
    worker::runtime()?.block_on(async {
        let registry = Registry::new(target.clone(), options.set_up_at_once);
        let mut people = registry.register(0..2).await?;
        let first = people.first().ok_or(Trouble::Usage("nobody is there".into()))?;
        let limits = Limits::ask(target, first).await?;
        eprintln!("load: {} at {}, limits: {limits}", limits.server(), target.host());
        limits.check(&plan.needs())?;
        people.extend(registry.register(2..plan.users()).await?);
        let mut sessions = Vec::new();
        for pair in people.chunks_exact(2) {
            if let [one, other] = pair {
                sessions.push(registry.open(one, &other.name).await?);
            }
        }
        let tokens: Vec<_> = people.iter().map(Person::token).collect();
        Ok(SetUp { limits, parts: plan.parts(&tokens, &sessions) })
    })
}

/// Opens the connections, lets them play for warm-up and measured time, and adds up what every thread saw.
fn perform(
    options: &Options,
    plan: Plan,
    set: SetUp,
    target: &Target,
    process: Option<&Process>,
) -> Result<Report, Trouble> {
    let empty = process.map(Process::resident).transpose()?;
    let zero = Instant::now();
    let (opened, ready) = mpsc::channel();
    let workers: Vec<Worker> = part::split(set.parts, options.threads)
        .into_iter()
        .map(|parts| Worker::start(parts, options, target.clone(), zero, opened.clone()))
        .collect::<Result<_, _>>()?;
    drop(opened);
    for _ in &workers {
        // A thread that ended without a word gives its reason when it is joined.
        if let Ok(Err(trouble)) = ready.recv() {
            return Err(trouble);
        }
    }
    let opening = zero.elapsed();

    let from = Instant::now() + if plan.is_idle() { Duration::ZERO } else { options.warm_up() };
    let times = Times { from, to: from + options.time() };
    let workers: Vec<_> = workers.into_iter().map(|worker| worker.play(times)).collect();
    let myself = Process::myself();
    sleep_until(times.from);
    let before = (process.map(Process::cpu).transpose()?, myself.cpu()?);
    sleep_until(times.to);
    let after = (process.map(Process::cpu).transpose()?, myself.cpu()?);
    let full = process.map(Process::resident).transpose()?;

    let outcomes: Vec<Outcome> = workers.into_iter().map(worker::Playing::join).collect::<Result<_, _>>()?;
    let usage = report::Usage {
        opening,
        measured: options.time(),
        server_cpu: after.0.zip(before.0).map(|(after, before)| after.saturating_sub(before)),
        own_cpu: after.1.saturating_sub(before.1),
        resident: full,
        resident_empty: empty,
    };
    Ok(Report::new(&plan, &set.limits, &usage, outcomes))
}

fn sleep_until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}
