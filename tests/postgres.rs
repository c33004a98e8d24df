//! The suite, and the store's unit tests, over PostgreSQL: starts a private server of it, and runs `cargo test` with
//! `PARLOR_TEST_STORE=postgres`. Arguments are passed on, as in `cargo test --test postgres -- keys --test-threads 1`.
//!
//! A server that `PARLOR_TEST_POSTGRES` names, by the URL of one of its databases, is used instead of a private one. Without
//! PostgreSQL's programs the suite is skipped, which is a failure with `CI=true`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
// The wall is there for the server; these settings are the tests' own.
#![allow(clippy::disallowed_methods)]

#[path = "suite/kit/cluster.rs"]
#[allow(dead_code)]
mod cluster;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use rustix::process::{Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

use cluster::{Cluster, pid, programs};

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
    let mut suite = suite(&url, &arguments).spawn().expect("cargo can be run");
    let group = pid(&suite);
    thread::spawn(move || {
        let _ = sender.send(Event::Ended(suite.wait().expect("it is a child")));
    });
    let mut was_interrupted = false;
    loop {
        match events.recv() {
            // The cluster is stopped when this returns, and before that what uses it.
            Ok(Event::Interrupted) => {
                let _ = kill_process_group(group, if was_interrupted { Signal::KILL } else { Signal::TERM });
                was_interrupted = true;
            }
            Ok(Event::Ended(status)) if status.success() && !was_interrupted => return ExitCode::SUCCESS,
            Ok(Event::Ended(_)) | Err(_) => {
                if cluster.is_some() {
                    eprintln!("what PostgreSQL has logged is in {}", log_path().display());
                }
                return ExitCode::FAILURE;
            }
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
fn suite(url: &str, arguments: &[String]) -> Command {
    let cargo = env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target directory");
    let mut command = Command::new("setsid");
    command.args([&cargo, "test", "--locked", "--lib", "--test", "suite", "--target-dir"]).arg(target);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if cfg!(feature = "conformance") {
        command.args(["--features", "conformance"]);
    }
    command.arg("--").args(arguments);
    for name in WITHOUT_SERVER {
        command.args(["--skip", name]);
    }
    command.env("PARLOR_TEST_STORE", "postgres").env("PARLOR_TEST_POSTGRES", url).stdin(Stdio::null());
    // Recordings are accepted over SQLite, and compared here.
    command.env_remove("PARLOR_TEST_ACCEPT");
    command
}

fn log_path() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres.log")
}
