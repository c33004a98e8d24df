//! What an HTTP connection's socket, its requests and its responses share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::task::AtomicWaker;

use super::budget::{Budget, Grant, Recipient, Stallable};
use crate::domain::{Refusal, UserId};
use crate::rate_limit::Address;

/// One HTTP connection.
pub(crate) struct HttpConnection {
    budget: Budget,
    state: Mutex<State>,
    /// The connection is to end: with a reset if it is cut, politely if it only makes room.
    cut: AtomicBool,
    retired: AtomicBool,
    /// Wakes the task that owns the socket.
    waker: AtomicWaker,
}

#[derive(Default)]
struct State {
    /// The request at hand, until its response has been handed over whole.
    request: Option<Request>,
    /// How many there were.
    requests: u64,
    /// Responses that the dispatcher has been handed pieces of, in order, and how many bytes of each have not left yet.
    leaving: VecDeque<(Arc<Grant>, usize)>,
    /// The socket does not take all that there is, since then.
    stalled: Option<Instant>,
    /// There may be more to read than was read.
    withheld: bool,
    /// The last request may have left some of its body unread.
    leaves_body: bool,
}

struct Request {
    recipient: Recipient,
    /// A request without effect may be refused when its answer is there.
    is_safe: bool,
    /// Its handler waits for more of the body.
    wants_body: bool,
    leaves_body: bool,
}

/// What the socket may read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The head of the next request.
    Head,
    /// What follows a request whose body was not read whole: it is thrown away.
    Rest,
    /// More of the body that a handler waits for.
    Body,
    /// Nothing before the request at hand is answered.
    Nothing,
}

/// The request at hand; dropped when its response has been handed over whole, or will not be.
pub(crate) struct InFlight(Arc<HttpConnection>);

impl HttpConnection {
    /// A connection without a request, whose responses count in `budget`.
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            budget,
            state: Mutex::default(),
            cut: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// A request begins. One that `is_safe` has no effect, so it may be refused for the size of its answer.
    ///
    /// # Errors
    /// Those of [`Budget::admit`], for a safe request: its address has as much under way as may be.
    pub(crate) fn begin(
        self: &Arc<Self>,
        address: Address,
        is_safe: bool,
        has_body: bool,
    ) -> (InFlight, Result<(), Refusal>) {
        let recipient = Recipient { address, user: None };
        let request = Request { recipient, is_safe, wants_body: false, leaves_body: has_body };
        let mut state = self.lock();
        state.request = Some(request);
        state.requests += 1;
        drop(state);
        let admitted = if is_safe { self.budget.admit(recipient, 1) } else { Ok(()) };
        (InFlight(Arc::clone(self)), admitted)
    }

    /// The request at hand is this user's.
    ///
    /// # Errors
    /// `rate_limited` for a safe request where the user has as many bytes under way as may be.
    pub(crate) fn speaks_for(&self, user: UserId) -> Result<(), Refusal> {
        let mut state = self.lock();
        let Some(request) = &mut state.request else { return Ok(()) };
        request.recipient.user = Some(user);
        let (recipient, is_safe) = (request.recipient, request.is_safe);
        drop(state);
        if is_safe { self.budget.admit(recipient, 1) } else { Ok(()) }
    }

    /// Whether the request at hand may be answered with so many bytes.
    ///
    /// # Errors
    /// Those of [`Budget::admit`], for a safe request.
    pub(crate) fn admit(&self, bytes: usize) -> Result<(), Refusal> {
        let safe = self.lock().request.as_ref().filter(|request| request.is_safe).map(|request| request.recipient);
        safe.map_or(Ok(()), |recipient| self.budget.admit(recipient, bytes))
    }

    /// Accounts for the response to the request at hand; `None` where there is no request.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> Option<Arc<Grant>> {
        let recipient = self.lock().request.as_ref()?.recipient;
        Some(Arc::new(self.budget.hold(recipient, bytes, self)))
    }

    /// A piece of a response goes to the dispatcher's buffer.
    pub(super) fn handed_over(&self, grant: &Arc<Grant>, bytes: usize) {
        let mut state = self.lock();
        match state.leaving.back_mut() {
            Some((last, held)) if Arc::ptr_eq(last, grant) => *held += bytes,
            _ => state.leaving.push_back((Arc::clone(grant), bytes)),
        }
    }

    /// The socket has taken so many bytes; with `all`, everything that there was.
    pub(super) fn sent(&self, bytes: usize, all: bool) {
        let mut state = self.lock();
        if all {
            state.stalled = None;
            let gone = std::mem::take(&mut state.leaving);
            drop(state);
            for (grant, held) in gone {
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

    /// What waits since then has not been taken.
    pub(super) fn stall(&self, since: Instant) {
        self.lock().stalled = Some(since);
    }

    /// What the socket may read now, and how many requests have begun so far.
    pub(super) fn reading(&self) -> (Reading, u64) {
        let state = self.lock();
        let reading = match &state.request {
            None if state.leaves_body => Reading::Rest,
            None => Reading::Head,
            Some(request) if request.wants_body => Reading::Body,
            Some(_) => Reading::Nothing,
        };
        (reading, state.requests)
    }

    /// A handler waits for more of the body.
    pub(super) fn want_body(&self) {
        let mut state = self.lock();
        if let Some(request) = &mut state.request {
            request.wants_body = true;
        }
        self.wake_for_reading(state);
    }

    /// A handler has been given the whole body.
    pub(super) fn body_ended(&self) {
        if let Some(request) = &mut self.lock().request {
            request.leaves_body = false;
        }
    }

    /// Some of the body that a handler waits for has been read.
    pub(super) fn body_read(&self) {
        if let Some(request) = &mut self.lock().request {
            request.wants_body = false;
        }
    }

    /// There may be more to read, which is not read now.
    pub(super) fn withhold(&self) {
        self.lock().withheld = true;
    }

    /// Reads on where reading was put off.
    pub(super) fn read_on(&self) {
        self.wake_for_reading(self.lock());
    }

    fn wake_for_reading(&self, mut state: MutexGuard<'_, State>) {
        let withheld = std::mem::take(&mut state.withheld);
        drop(state);
        if withheld {
            self.waker.wake();
        }
    }

    /// Whom to wake when the connection is to go on, or to end.
    pub(super) fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    /// True once the connection is to be cut.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Ends the connection before its next request.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    /// True once the connection is to take no further request.
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// True where no request is at hand and nothing waits for the client.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.request.is_none() && state.leaving.is_empty()
    }

    /// The socket has ended: nothing of what waits will leave.
    pub(super) fn end(&self) {
        let gone = std::mem::take(&mut self.lock().leaving);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stallable for HttpConnection {
    fn stalled_since(&self) -> Option<Instant> {
        self.lock().stalled
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        self.waker.wake();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.leaves_body = state.request.take().is_some_and(|request| request.leaves_body);
        self.0.wake_for_reading(state);
    }
}
