//! The actor of one live connection: a WebSocket, or a Socket.IO session on any transport. It forwards the client's commands to
//! the ChatServer and the services. Events and replies reach its write queue through the hub; what only the connection itself can
//! answer is queued from here.

mod changes;
mod commands;
mod context;
mod execute;
mod finishing;
mod handshake;
mod queries;
mod rate_limit;

use std::rc::Rc;

use actix::prelude::*;

use super::admission::{LiveConnection, PendingHandshake};
use super::outbound::{Link, Phase};
use super::socketio::SocketIoSession;
use crate::chat::Leave;
use crate::domain::{ConnId, Disconnect, Identity, Refusal, RequestId};
use crate::metrics;
use crate::protocol::{Protocol, Response};
use crate::rate_limit::{Address, Bucket};
use crate::websocket::inbox::Inbox;
use execute::Replaying;
use handshake::HandshakeData;
use queries::QueryQueue;

pub(crate) use context::GatewayContext;
pub(super) use finishing::Finish;
pub(super) use rate_limit::Flow;

/// One live connection. Most are idle, so what only some of them need is boxed; a test bounds its size.
pub(crate) struct Connection {
    pub(super) link: Rc<Link>,
    pub(super) context: Rc<GatewayContext>,
    pub(super) inbox: Inbox,
    pub(super) queries: QueryQueue,
    pub(super) identity: Option<Rc<Identity>>,
    pub(super) address: Address,
    /// Counts the connection as unauthenticated; `None` once it is authenticated.
    pending: Option<Box<PendingHandshake>>,
    pub(super) registered: bool,
    /// What `ready` will contain, while the last deliveries before it are waited for.
    pub(super) handshake_data: Option<Box<HandshakeData>>,
    /// The client has sent `goodbye`: there is no grace period.
    pub(super) goodbye: bool,
    pub(super) finishing: Option<Finish>,
    pub(super) session: Option<Box<SocketIoSession>>,
    pub(super) protocol: Box<dyn Protocol>,
    pub(super) replaying: Option<Box<Replaying>>,
    /// The request that began the handshake, where its outcome is a reply.
    pub(super) handshake_request: Option<RequestId>,
    /// The meaning of the next frame depends on a lookup that is under way.
    pub(super) lookup_pending: bool,
    /// Incremented when the connection's identity ends; the result of a lookup counts only in the generation that began it.
    pub(super) generation: u32,
    pub(super) frame_bucket: Bucket,
    malformed_frames: u8,
    _live: LiveConnection,
}

impl Connection {
    pub(super) fn new(
        context: Rc<GatewayContext>,
        address: Address,
        pending: PendingHandshake,
        protocol: Box<dyn Protocol>,
    ) -> Self {
        let link = Rc::new(Link::new(ConnId::random(), &context.outbound_limits));
        link.set_eviction(Some(pending.evicted()));
        let live = context.admission.count_live();
        let mut connection = Self {
            link,
            context,
            inbox: Inbox::default(),
            queries: QueryQueue::default(),
            identity: None,
            address,
            pending: Some(Box::new(pending)),
            registered: false,
            handshake_data: None,
            goodbye: false,
            finishing: None,
            session: None,
            protocol,
            replaying: None,
            handshake_request: None,
            lookup_pending: false,
            generation: 0,
            frame_bucket: Bucket::default(),
            malformed_frames: 0,
            _live: live,
        };
        connection.prepare_protocol();
        connection
    }

    /// Adds the connection to the thread's hub.
    pub(super) fn register(&self) {
        self.context.links.borrow_mut().add(&self.link);
        if self.context.admission.is_closing() {
            // Accepted while the shutdown began: it may have missed the broadcast that closes all connections.
            self.link.close(Disconnect::Restart);
        }
    }

    /// Replaces what the connection counts as until it is authenticated; `None` once it is.
    pub(super) fn set_pending(&mut self, pending: Option<PendingHandshake>) {
        self.link.set_eviction(pending.as_ref().map(PendingHandshake::evicted));
        self.pending = pending.map(Box::new);
    }

    /// True once the client has authenticated, or while its token is looked up.
    pub(super) fn is_authenticated(&self) -> bool {
        self.link.phase() != Phase::Unauthenticated
    }

    /// Refuses a request, or, without an id, what the client has sent.
    pub(super) fn refuse(&mut self, request: Option<&RequestId>, refusal: &Refusal) {
        metrics::REFUSALS.count(refusal.code());
        self.respond(request, Response::Outcome(&Err(refusal.clone())));
        if matches!(refusal, Refusal::RateLimited(_)) {
            self.link.rate_limited();
        }
    }

    /// Unregisters the connection from the ChatServer; with a `goodbye` without a grace period.
    pub(super) fn unregister(&mut self, goodbye: bool) {
        if std::mem::take(&mut self.registered) {
            // One for each registration.
            #[allow(clippy::disallowed_methods)]
            self.context.chat.do_send(Leave { connection: self.link.id, goodbye });
        }
    }

    /// Unregisters the connection as soon as it begins to close, however long its socket takes to end: the grace period starts
    /// then.
    pub(super) fn unregister_when_closing(&mut self) {
        if self.link.is_closing() {
            self.unregister(self.goodbye);
        }
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Context<Self>) {
        if !self.link.is_closing() {
            metrics::CLOSES.count(1006);
        }
        self.context.links.borrow_mut().remove(&self.link);
        self.unregister(self.goodbye);
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    /// Ten thousand idle connections are common, and the allocator rounds each struct up to a size class: 384 is one, 448 and
    /// 512 are the next. The actor is one allocation with its context (336 bytes) and the header of its task (about 100), up
    /// to 768; the next class is 896.
    #[test]
    fn an_idle_connection_is_small() {
        let counters = 2 * size_of::<usize>();
        assert!(size_of::<Link>() + counters <= 384, "{} bytes", size_of::<Link>());
        assert!(size_of::<Connection>() <= 296, "{} bytes", size_of::<Connection>());
        assert!(size_of::<SocketIoSession>() <= 192, "{} bytes", size_of::<SocketIoSession>());
    }
}
