//! The suite, and the store's unit tests, over PostgreSQL: starts a private server of it, and runs `cargo test` with
//! `PARLOR_TEST_STORE=postgres`; then the suite once more with `PARLOR_TEST_STORE=cluster`, where each server is two nodes on one
//! database, with a private Redis if there is one. Arguments are passed on, as in `cargo test --test postgres -- keys --test-threads 1`; a `PARLOR_TEST_STORE` that is
//! set already selects one of the two.
//!
//! A server that `PARLOR_TEST_POSTGRES` names, by the URL of one of its databases, is used instead of a private one. Without
//! PostgreSQL's programs the suite is skipped, which is a failure with `CI=true`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
// The wall is there for the server; these settings are the tests' own.
#![allow(clippy::disallowed_methods)]

#[path = "suite/kit/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "suite/kit/redis.rs"]
#[allow(dead_code)]
mod redis;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::process::{Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

use cluster::{Cluster, pid, programs};
use redis::Redis;

/// Tests that no server takes part in: with SQLite they have run already.
const WITHOUT_SERVER: [&str; 7] = [
    "architecture::",
    "docs::configuration::",
    "docs::every_",
    "docs::links::",
    "docs::the_",
    "recordings::coverage::",
    "vocabulary::",
];

/// Tests of one request, one connection or one command: over two nodes they would show the same again. And those of the older
/// dialects, whose lists of users each node gathers for its own connections within a second: what these tests expect at a moment
/// is of one node.
const OF_ONE_NODE: [&str; 26] = [
    "docs::",
    "edge::",
    "files::",
    "frames::",
    "full_disk::",
    "hostile::",
    "kit::",
    "legacy::",
    "openapi::",
    "operator::copies::",
    "operator::copy::",
    "operator::faults::",
    "operator::metrics::",
    "operator::postgres::",
    "operator::scratch::",
    "origins::",
    "outage::",
    "postgres_outages::",
    "proxied::",
    "proxies::",
    "running::",
    "security_log::",
    "slow_reader::",
    "socketio::hostile::",
    "upgrade::",
    "web::",
];

/// A run of the suite over PostgreSQL: the value of `PARLOR_TEST_STORE`.
const PASSES: [&str; 2] = ["postgres", "cluster"];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (sender, events) = channel();
    let interrupts = sender.clone();
    thread::spawn(move || watch_signals(&interrupts));
    let mut cluster = None;
    let url = if let Ok(url) = env::var("PARLOR_TEST_POSTGRES") {
        url
    } else {
        let Some(programs) = programs() else { return skipped() };
        let _ = fs::remove_file(log_path());
        cluster.insert(Cluster::start(&programs, log_path())).url()
    };
    let chosen = env::var("PARLOR_TEST_STORE").ok();
    assert!(chosen.as_deref().is_none_or(|chosen| PASSES.contains(&chosen)), "PARLOR_TEST_STORE is one of {PASSES:?}");
    // Both, whatever the first has found.
    let mut is_good = true;
    for pass in PASSES.into_iter().filter(|pass| chosen.as_deref().is_none_or(|chosen| chosen == *pass)) {
        println!("over PostgreSQL: {pass}");
        let mut suite = suite(pass, &url, &arguments);
        let redis = redis::program().filter(|_| pass == "cluster").map(|program| Redis::start(&program));
        match &redis {
            Some(redis) => drop(suite.env("PARLOR_TEST_REDIS", redis.url())),
            None if pass == "cluster" => println!("without Redis, which is not installed"),
            None => {}
        }
        match run(suite, &sender, &events) {
            Some(status) => is_good &= status.success(),
            // The cluster is stopped when this returns, and before that what uses it.
            None => return ExitCode::FAILURE,
        }
    }
    if !is_good && cluster.is_some() {
        eprintln!("what PostgreSQL has logged is in {}", log_path().display());
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs it to its end; `None`: this program is to end, and the other has ended.
fn run(mut suite: Command, sender: &Sender<Event>, events: &Receiver<Event>) -> Option<ExitStatus> {
    let mut suite = suite.spawn().expect("cargo can be run");
    let group = pid(&suite);
    let sender = sender.clone();
    thread::spawn(move || {
        let _ = sender.send(Event::Ended(suite.wait().expect("it is a child")));
    });
    let mut was_interrupted = false;
    loop {
        match events.recv().expect("a sender is here") {
            Event::Interrupted => {
                let _ = kill_process_group(group, if was_interrupted { Signal::KILL } else { Signal::TERM });
                was_interrupted = true;
            }
            Event::Ended(status) => return (!was_interrupted).then_some(status),
        }
    }
}

enum Event {
    /// The suite has ended.
    Ended(ExitStatus),
    /// This program is to end.
    Interrupted,
}

/// Reports Ctrl-C and the like, which do not end the program from now on.
fn watch_signals(events: &Sender<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt()).unwrap();
        let mut terminate = signal(SignalKind::terminate()).unwrap();
        let mut hangup = signal(SignalKind::hangup()).unwrap();
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            if events.send(Event::Interrupted).is_err() {
                return;
            }
        }
    });
}

/// Without PostgreSQL there is nothing to run, which is all right on a developer's machine only.
fn skipped() -> ExitCode {
    let wanted = "install it (Debian, Ubuntu: `apt-get install postgresql`) to run the suite over it";
    if env::var("CI").as_deref() == Ok("true") {
        eprintln!("PostgreSQL is not installed, and with CI=true nothing is skipped: {wanted}");
        return ExitCode::FAILURE;
    }
    println!("skipped: PostgreSQL is not installed; {wanted}");
    ExitCode::SUCCESS
}

/// Cargo, as it was called itself, on the other test target. It has a session of its own: what ends this program ends it by
/// its process group, and the shells that some tests start find no terminal that they would have to share.
fn suite(pass: &str, url: &str, arguments: &[String]) -> Command {
    let cargo = env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target directory");
    let mut command = Command::new("setsid");
    let is_cluster = pass == "cluster";
    command.args([&cargo, "test", "--locked", "--test", "suite", "--target-dir"]).arg(target);
    if !is_cluster {
        command.arg("--lib");
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if cfg!(feature = "conformance") {
        command.args(["--features", "conformance"]);
    }
    command.arg("--").args(arguments);
    let of_one_node = OF_ONE_NODE.into_iter().filter(|_| is_cluster);
    for name in WITHOUT_SERVER.into_iter().chain(of_one_node) {
        command.args(["--skip", name]);
    }
    command.env("PARLOR_TEST_STORE", pass).env("PARLOR_TEST_POSTGRES", url).stdin(Stdio::null());
    // Recordings are accepted over SQLite, and compared here.
    command.env_remove("PARLOR_TEST_ACCEPT");
    command
}

fn log_path() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres.log")
}
