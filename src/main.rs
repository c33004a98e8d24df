//! The binary: configuration, logger, run, shut down.

use std::pin::pin;
use std::process::ExitCode;

use futures_util::future::{Either, select};
use parlor::cli;
use parlor::config::{Config, Task};
use parlor::server::App;
use tokio::signal::unix::{SignalKind, signal};

/// Unlike glibc's, it returns freed memory to the system also between small allocations that are still in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let config = Config::from_command_line();
    env_logger::Builder::new().parse_filters(&config.log).format_timestamp_millis().init();
    raise_descriptor_limit();
    let ended = match config.task.clone() {
        None | Some(Task::Serve) => serve(config).await,
        Some(task) => cli::run(task, &config.database_url, config.limits.password_min).await.map_err(Into::into),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlor: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is started that a signal has to stop.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let app = App::start(config).await?;
    println!("listening on http://{}", app.address());
    select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
    log::info!("stopping");
    let again = async {
        let _ = select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
    };
    if let Either::Right(_) = select(pin!(app.stop()), pin!(again)).await {
        log::warn!("a second signal ends the stop: connections were cut");
        // Unwinding would wait for threads. Everything acknowledged is durable.
        std::process::exit(1);
    }
    Ok(())
}

/// Each connection is a descriptor, and a soft limit of 1,024 is common.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        log::warn!("could not raise the limit of open files: {error}");
    }
}
