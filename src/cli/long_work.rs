//! Work that takes long: on a thread of its own, with its progress on standard error, until it is done or a signal stops it.

use std::io;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Failure;

const PROGRESS: Duration = Duration::from_secs(2);

/// Runs `work` and prints what `progress` gives now and then. SIGTERM and SIGINT call `stop`, which gives the time that `work`
/// then has to end, for its result to count.
///
/// # Errors
/// Those of `work`, or [`Failure::Stopped`].
pub(super) async fn run<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    progress: impl Fn() -> String,
    stop: impl FnOnce() -> Duration,
) -> Result<T, Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (done, result) = oneshot::channel();
    // A thread rather than a task: a command that is stopped does not wait for it.
    std::thread::Builder::new().name(name.to_owned()).spawn(move || drop(done.send(work())))?;
    let lost = |_| Err(Failure::Stream(io::Error::other("the copy failed")));
    let mut either = select(result, select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())));
    loop {
        match timeout(PROGRESS, &mut either).await {
            Err(_) => eprintln!("{} copied so far", progress()),
            Ok(Either::Left((result, _))) => return result.unwrap_or_else(lost),
            Ok(Either::Right((_, result))) => {
                let patience = stop();
                if !patience.is_zero() {
                    eprintln!("stopping");
                }
                return timeout(patience, result)
                    .await
                    .map_or(Err(Failure::Stopped), |result| result.unwrap_or_else(lost));
            }
        }
    }
}
