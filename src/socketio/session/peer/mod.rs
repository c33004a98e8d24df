//! One Socket.IO connection as a state machine: an [`EngineSession`] and its [namespaces].

mod inputs;
mod namespaces;
mod receiving;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use super::action::{Action, SocketNo, should_reconnect};
use super::config::SessionConfig;
use super::engine::EngineSession;
use super::outgoing::Outgoing;
use crate::domain::Disconnect;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::packet::{Assembly, Namespace};
use namespaces::NamespaceEntry;

/// One Socket.IO connection. Inputs return at once; their outputs are collected by [`next_action`](Self::next_action).
#[derive(Debug)]
pub(crate) struct Peer {
    engine: EngineSession,
    config: Rc<SessionConfig>,
    assembly: Assembly,
    namespaces: Vec<NamespaceEntry>,
    /// Outputs before those of the engine.
    ready: VecDeque<Action>,
    /// When the connection ends if it has no namespace by then.
    connect_deadline: Instant,
    /// The connection is closing: messages of the client are ignored.
    is_closing: bool,
    /// There is no Socket.IO on top of Engine.IO: messages are returned as they are.
    #[cfg(feature = "conformance")]
    is_engine_only: bool,
}

impl Peer {
    /// A connection that begins with a poll; see [`EngineSession::by_polling`].
    pub(crate) fn by_polling(
        config: Rc<SessionConfig>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> Self {
        let engine = EngineSession::by_polling(Rc::clone(&config), revision, base64, sid, now);
        Self::new(engine, config, now)
    }

    /// A connection that begins with a WebSocket; see [`EngineSession::by_socket`].
    pub(crate) fn by_socket(
        config: Rc<SessionConfig>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> (Self, SocketNo) {
        let (engine, socket) = EngineSession::by_socket(Rc::clone(&config), revision, base64, sid, now);
        (Self::new(engine, config, now), socket)
    }

    fn new(mut engine: EngineSession, config: Rc<SessionConfig>, now: Instant) -> Self {
        // The handshake goes before anything about namespaces.
        let ready = std::iter::from_fn(|| engine.next_action()).collect();
        let mut peer = Self {
            assembly: Assembly::new(config.attachments),
            namespaces: Vec::new(),
            ready,
            connect_deadline: now + config.connect,
            is_closing: false,
            #[cfg(feature = "conformance")]
            is_engine_only: false,
            engine,
            config,
        };
        if peer.engine.revision() == Revision::Three {
            peer.request_namespace(Namespace::main(), None);
        }
        peer
    }

    pub(crate) const fn engine(&self) -> &EngineSession {
        &self.engine
    }

    /// Leaves out Socket.IO: this is a session of Engine.IO only.
    #[cfg(feature = "conformance")]
    pub(crate) fn disable_namespaces(&mut self) {
        self.is_engine_only = true;
        self.namespaces.clear();
        self.ready.retain(|action| !matches!(action, Action::Connect(..)));
        self.connect_deadline = self.engine.now() + std::time::Duration::from_secs(1_000_000);
    }

    pub(crate) fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// The next output; `None`: there is none until the next input.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(action) = self.ready.pop_front() {
                return Some(action);
            }
            self.ready = VecDeque::new();
            match self.engine.next_action()? {
                #[cfg(feature = "conformance")]
                Action::Message(message) if self.is_engine_only => return Some(Action::Message(message)),
                Action::Message(message) => self.receive(message),
                other => return Some(other),
            }
        }
    }

    /// When to call [`tick`](Self::tick) next; `None`: never.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let deadline = self.engine.next_deadline()?;
        let must_connect = self.engine.is_open() && self.has_no_namespace();
        Some(if must_connect { deadline.min(self.connect_deadline) } else { deadline })
    }

    /// Sends a packet of a namespace that the client has joined. Attachments follow it by further calls.
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) fn send(&mut self, packet: Outgoing) {
        self.engine.send(packet);
    }

    /// Sends a packet that many clients receive. `Some`: nothing is queued before it, and the caller appends this frame to the
    /// socket's outbound buffer; `None`: it was sent like any other.
    pub(crate) fn send_shared(&mut self, packet: &Outgoing) -> Option<Bytes> {
        self.engine.send_shared(packet)
    }

    /// While the server does not read from the client, the client's silence is not taken for a missed heartbeat.
    pub(crate) const fn pause_reading(&mut self, is_paused: bool) {
        self.engine.pause_reading(is_paused);
    }

    /// Closes the connection. Where the client is not to reconnect it is first disconnected from every namespace: clients
    /// reconnect by themselves when they only lose their transport.
    pub(crate) fn close(&mut self, why: Disconnect, now: Instant) {
        self.engine.tick(now);
        if !should_reconnect(why) {
            self.disconnect_all();
        }
        self.is_closing = true;
        self.engine.close(why, now);
    }
}
