//! What the published protocol suites expect: `/engine.io/` and two namespaces of `/socket.io/` echo messages, without
//! authentication. Everything else is the production code. Only with the cargo feature `conformance`, which is never in a release.

use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::super::connection::Connection;
use crate::config::Config;
use crate::socketio::codec::engine::EnginePacket as Engine;
use crate::socketio::codec::packet::{self, AckPacket, Content, EventPacket, Namespace, Packet};
use crate::socketio::codec::payload::Bounds;
use crate::socketio::session::{Action, EngineMessage, Outgoing, Peer, SessionConfig};

/// No client has to authenticate.
const NEVER: Duration = Duration::from_secs(1_000_000);

/// Time between an upgrade request and the handshake packet, which the suites expect apart.
pub(crate) const HANDLERS: Duration = Duration::from_millis(10);

/// The times and bounds that the suites rely on.
pub(crate) fn session_config(config: &Config) -> SessionConfig {
    let production = super::session_config::session_config(config);
    SessionConfig {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect: Duration::from_secs(1),
        post: Bounds { bytes: 1_000_000, ..production.post },
        ..production
    }
}

impl Connection {
    pub(super) fn disable_hello_deadline(&self) {
        self.link.deadlines.expect_hello(NEVER);
    }

    /// Carries out what only the suites expect; returns every other action.
    pub(super) fn run_conformance_action(&self, action: Action) -> Option<Action> {
        match action {
            Action::Message(message) => self.echo_message(message),
            Action::Connect(namespace, auth) => self.handshake_data(&namespace, auth.as_ref()),
            Action::Event(namespace, event) => self.echo_event(namespace, event),
            Action::Disconnected(_) => {}
            other => return Some(other),
        }
        None
    }

    fn echo_message(&self, message: EngineMessage) {
        let packet = match message {
            EngineMessage::Text(text) => Engine::Message(text),
            EngineMessage::Binary(bytes) => Engine::Binary(bytes),
        };
        self.with_peer(|peer| peer.send(Outgoing::packet(packet)));
    }

    fn handshake_data(&self, namespace: &Namespace, auth: Option<&ByteString>) {
        if !matches!(namespace.as_str(), "/" | "/custom") {
            return self.with_peer(|peer| peer.refuse(namespace, "Invalid namespace", None));
        }
        let auth = Outgoing::message(|to| {
            let auth = auth.map_or("{}", |auth| auth);
            packet::event(namespace, "auth", to, |to| to.extend_from_slice(auth.as_bytes()));
            true
        });
        self.with_peer(|peer| {
            peer.accept(namespace, &self.link.id.to_string());
            auth.into_iter().for_each(|auth| peer.send(auth));
        });
    }

    fn echo_event(&self, namespace: Namespace, event: EventPacket) {
        let arguments: Vec<&str> = event.arguments().iter().map(|argument| argument.get()).collect();
        let content = match (event.name.as_str(), event.id) {
            ("message", _) => {
                let json = std::iter::once("\"message-back\"").chain(arguments).collect::<Vec<_>>().join(",");
                let (name, attachments) = ("message-back".to_owned(), event.attachments.clone());
                Content::Event(EventPacket { name, id: None, json: format!("[{json}]").into(), attachments })
            }
            ("message-with-ack", Some(id)) => {
                let json = format!("[{}]", arguments.join(","));
                Content::Ack(AckPacket { id, json: json.into(), attachments: event.attachments.clone() })
            }
            _ => return,
        };
        let reply = Outgoing::message(|to| {
            packet::encode(&Packet { namespace, content }, to);
            true
        });
        self.with_peer(|peer| {
            let attached = event.attachments.into_iter().map(Outgoing::Binary);
            reply.into_iter().chain(attached).for_each(|packet| peer.send(packet));
        });
    }

    fn with_peer(&self, call: impl FnOnce(&mut Peer)) {
        if let Some(session) = &self.session {
            let mut peer = session.peer.borrow_mut();
            call(&mut peer);
            peer.tick(Instant::now());
        }
        self.link.wake();
    }
}
