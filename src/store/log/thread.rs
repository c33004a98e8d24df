//! The writing thread: takes everything that is queued, has it committed, and answers fences and health checks behind it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::commit::Committer;
use super::job::Job;
use crate::domain::CommitOutput;
use crate::store::cluster::Entry;

/// The largest number of requests that share a commit.
const BATCH: usize = 1_024;

pub(super) enum WriterRequest {
    /// Jobs that share a commit.
    Run(Vec<Job>),
    /// To be released behind everything requested before.
    Publish(CommitOutput),
    /// Answered when everything requested before is durable and released, as far as the disk allows.
    Fence(oneshot::Sender<()>),
    Check(oneshot::Sender<bool>),
    /// Commits of other nodes, by the bus.
    Receive(Entry),
    /// Release what other nodes have committed.
    Poll,
    /// Time for background tasks, if the queue is empty.
    Background,
    /// A fence that also truncates the write-ahead log.
    Close(oneshot::Sender<()>),
}

/// A server without its writer can keep no promise: it is better to exit and be restarted.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            log::error!("the writer panicked");
            std::process::abort();
        }
    }
}

/// Serves requests until all senders are dropped.
pub(super) fn run(mut committer: Committer, mut queue: mpsc::UnboundedReceiver<WriterRequest>, queued: &AtomicUsize) {
    let _abort = AbortOnPanic;
    let mut requests = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut requests, BATCH) > 0 {
        let (mut jobs, mut published, mut fences) = (VecDeque::with_capacity(requests.len()), Vec::new(), Vec::new());
        let mut received = Vec::new();
        let (mut checks, mut poll, mut background, mut close) = (Vec::new(), false, false, None);
        for request in requests.drain(..) {
            match request {
                WriterRequest::Run(several) => jobs.extend(several),
                WriterRequest::Publish(delivery) => published.push(delivery),
                WriterRequest::Fence(fence) => fences.push(fence),
                WriterRequest::Check(check) => checks.push(check),
                WriterRequest::Receive(entry) => received.push(entry),
                WriterRequest::Poll => poll = true,
                WriterRequest::Background => background = true,
                WriterRequest::Close(done) => close = Some(done),
            }
        }
        queued.fetch_sub(jobs.len(), Ordering::Relaxed);
        if !received.is_empty() {
            committer.receive(received);
        }
        if !jobs.is_empty() {
            committer.run_jobs(jobs);
        }
        if !published.is_empty() {
            committer.release_behind(published);
        } else if !fences.is_empty() || !checks.is_empty() || close.is_some() {
            committer.follow();
        }
        if poll {
            committer.poll();
        }
        if !checks.is_empty() {
            let succeeds = committer.check();
            for check in checks {
                let _ = check.send(succeeds);
            }
        }
        for fence in fences {
            let _ = fence.send(());
        }
        if let Some(done) = close {
            committer.close();
            let _ = done.send(());
        } else if background {
            committer.run_background(|| !queue.is_empty());
        }
    }
}
