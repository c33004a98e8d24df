//! The state of an HTTP connection, shared by its socket, its requests and its responses.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::task::AtomicWaker;

use super::budget::{Budget, Grant, ResponseClient, Stallable};
use crate::domain::{Refusal, UserId};
use crate::rate_limit::Address;

pub(crate) struct HttpConnection {
    budget: Budget,
    state: Mutex<ConnectionState>,
    /// The connection is to end with a reset.
    aborted: AtomicBool,
    retired: AtomicBool,
    waker: AtomicWaker,
}

#[derive(Default)]
struct ConnectionState {
    /// Until its response is yielded to the dispatcher.
    request: Option<CurrentRequest>,
    requests: u64,
    /// Responses in the dispatcher's buffer, in order, each with the bytes that have not left yet.
    leaving: VecDeque<(Arc<Grant>, usize)>,
    /// When the socket ceased to take bytes.
    stalled: Option<Instant>,
    /// Reading was put off, and there may be more to read.
    read_withheld: bool,
    /// The last request may have left some of its body unread.
    has_unread_body: bool,
}

struct CurrentRequest {
    client: ResponseClient,
    /// It has no effect, so it may still be refused when its response is there.
    is_safe: bool,
    wants_body: bool,
    has_unread_body: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Head,
    /// The rest of a body that its handler has not read; the dispatcher discards it.
    Rest,
    Body,
    /// Nothing before the response to the current request.
    Nothing,
}

/// The current request; dropped when its response is yielded to the dispatcher, or will not be.
pub(crate) struct InFlight(Arc<HttpConnection>);

impl HttpConnection {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            budget,
            state: Mutex::default(),
            aborted: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// Begins a request. One that `is_safe` has no effect, so it may be refused for the size of its response.
    pub(crate) fn begin(
        self: &Arc<Self>,
        address: Address,
        is_safe: bool,
        has_body: bool,
    ) -> (InFlight, Result<(), Refusal>) {
        let client = ResponseClient { address, user: None };
        let request = CurrentRequest { client, is_safe, wants_body: false, has_unread_body: has_body };
        let mut state = self.lock();
        state.request = Some(request);
        state.requests += 1;
        drop(state);
        let admitted = if is_safe { self.budget.admit(client, 1) } else { Ok(()) };
        (InFlight(Arc::clone(self)), admitted)
    }

    /// Counts the response to the current request for this user, too; refused like [`begin`](Self::begin).
    pub(crate) fn set_user(&self, user: UserId) -> Result<(), Refusal> {
        let mut state = self.lock();
        let Some(request) = &mut state.request else { return Ok(()) };
        request.client.user = Some(user);
        let (client, is_safe) = (request.client, request.is_safe);
        drop(state);
        if is_safe { self.budget.admit(client, 1) } else { Ok(()) }
    }

    /// Checks whether the response to the current request may have so many bytes, if the request is safe.
    pub(crate) fn admit(&self, bytes: usize) -> Result<(), Refusal> {
        let safe = self.lock().request.as_ref().filter(|request| request.is_safe).map(|request| request.client);
        safe.map_or(Ok(()), |client| self.budget.admit(client, bytes))
    }

    /// `None` where there is no current request.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> Option<Arc<Grant>> {
        let client = self.lock().request.as_ref()?.client;
        Some(Arc::new(self.budget.hold(client, bytes, self)))
    }

    /// Bytes of a response are in the dispatcher's buffer.
    pub(super) fn on_yielded(&self, grant: &Arc<Grant>, bytes: usize) {
        let mut state = self.lock();
        match state.leaving.back_mut() {
            Some((last, held)) if Arc::ptr_eq(last, grant) => *held += bytes,
            _ => state.leaving.push_back((Arc::clone(grant), bytes)),
        }
    }

    /// The socket has taken so many bytes; with `all`, everything in the dispatcher's buffer.
    pub(super) fn on_written(&self, bytes: usize, all: bool) {
        let mut state = self.lock();
        if all {
            state.stalled = None;
            let released = std::mem::take(&mut state.leaving);
            drop(state);
            for (grant, held) in released {
                grant.release(held);
            }
            return;
        }
        let mut left = bytes;
        while let Some((grant, held)) = state.leaving.front_mut() {
            let taken = left.min(*held);
            grant.release(taken);
            *held -= taken;
            left -= taken;
            if *held > 0 {
                break;
            }
            state.leaving.pop_front();
        }
    }

    pub(super) fn stall(&self, since: Instant) {
        self.lock().stalled = Some(since);
    }

    /// What may be read from the socket now, and how many requests have begun so far.
    pub(super) fn reading(&self) -> (Reading, u64) {
        let state = self.lock();
        let reading = match &state.request {
            None if state.has_unread_body => Reading::Rest,
            None => Reading::Head,
            Some(request) if request.wants_body => Reading::Body,
            Some(_) => Reading::Nothing,
        };
        (reading, state.requests)
    }

    pub(super) fn want_body(&self) {
        let mut state = self.lock();
        if let Some(request) = &mut state.request {
            request.wants_body = true;
        }
        self.wake_for_reading(state);
    }

    pub(super) fn body_ended(&self) {
        if let Some(request) = &mut self.lock().request {
            request.has_unread_body = false;
        }
    }

    pub(super) fn body_read(&self) {
        if let Some(request) = &mut self.lock().request {
            request.wants_body = false;
        }
    }

    /// Reading is put off until [`resume_reading`](Self::resume_reading), or until the current request needs it.
    pub(super) fn withhold_reading(&self) {
        self.lock().read_withheld = true;
    }

    pub(super) fn resume_reading(&self) {
        self.wake_for_reading(self.lock());
    }

    fn wake_for_reading(&self, mut state: MutexGuard<'_, ConnectionState>) {
        let is_withheld = std::mem::take(&mut state.read_withheld);
        drop(state);
        if is_withheld {
            self.waker.wake();
        }
    }

    pub(super) fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::Relaxed)
    }

    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.request.is_none() && state.leaving.is_empty()
    }

    /// The socket has ended: the responses in flight do not count any more.
    pub(super) fn on_end(&self) {
        let released = std::mem::take(&mut self.lock().leaving);
        drop(released);
    }

    fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stallable for HttpConnection {
    fn stalled_since(&self) -> Option<Instant> {
        self.lock().stalled
    }

    fn abort(&self) {
        self.aborted.store(true, Ordering::Relaxed);
        self.waker.wake();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.has_unread_body = state.request.take().is_some_and(|request| request.has_unread_body);
        self.0.wake_for_reading(state);
    }
}
