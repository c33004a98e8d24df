//! What the published protocol suites expect to find: `/engine.io/` says back what it is told, and on `/socket.io/` two
//! namespaces do, without asking who one is. All else is the production code. Only with the cargo feature `conformance`,
//! which is never in a release.

use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::super::connection::Connection;
use crate::config::Config;
use crate::socketio::codec::engine::Packet as Engine;
use crate::socketio::codec::packet::{self, Ack, Content, Event, Namespace, Packet};
use crate::socketio::codec::payload::Bounds;
use crate::socketio::session::{Action, Message, Outgoing, Peer, Terms};

/// Nobody has to say who they are.
const NEVER: Duration = Duration::from_secs(1_000_000);

/// Until the handshake on a socket, so that it does not come together with the upgrade.
pub(crate) const HANDLERS: Duration = Duration::from_millis(10);

/// The terms that the suites count on.
pub(crate) fn terms(config: &Config) -> Terms {
    let terms = super::terms::terms(config);
    Terms {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect: Duration::from_secs(1),
        post: Bounds { bytes: 1_000_000, ..terms.post },
        ..terms
    }
}

impl Connection {
    /// Whoever comes may stay.
    pub(super) fn ask_for_nothing(&self) {
        self.link.deadlines.expect_hello(NEVER);
    }

    /// Does what the suites expect to follow; gives back what follows in any case.
    pub(super) fn conform(&self, action: Action) -> Option<Action> {
        match action {
            Action::Message(message) => self.say_back(message),
            Action::Connect(namespace, auth) => self.welcome(&namespace, auth.as_ref()),
            Action::Event(namespace, event) => self.say_event_back(namespace, event),
            Action::Disconnected(_) => {}
            other => return Some(other),
        }
        None
    }

    fn say_back(&self, message: Message) {
        let packet = match message {
            Message::Text(text) => Engine::Message(text),
            Message::Binary(bytes) => Engine::Binary(bytes),
        };
        self.with_peer(|peer| peer.send(Outgoing::packet(packet)));
    }

    fn welcome(&self, namespace: &Namespace, auth: Option<&ByteString>) {
        if !matches!(namespace.as_str(), "/" | "/custom") {
            return self.with_peer(|peer| peer.refuse(namespace, "Invalid namespace", None));
        }
        let auth = Outgoing::message(|to| {
            let said = auth.map_or("{}", |auth| auth);
            packet::event(namespace, None, "auth", to, |to| to.extend_from_slice(said.as_bytes()));
            true
        });
        self.with_peer(|peer| {
            peer.accept(namespace, &self.link.id.to_string());
            auth.into_iter().for_each(|auth| peer.send(auth));
        });
    }

    fn say_event_back(&self, namespace: Namespace, event: Event) {
        let arguments: Vec<&str> = event.arguments().iter().map(|argument| argument.get()).collect();
        let content = match (event.name.as_str(), event.id) {
            ("message", _) => {
                let json = std::iter::once("\"message-back\"").chain(arguments).collect::<Vec<_>>().join(",");
                let (name, attachments) = ("message-back".to_owned(), event.attachments.clone());
                Content::Event(Event { name, id: None, json: format!("[{json}]").into(), attachments })
            }
            ("message-with-ack", Some(id)) => {
                let json = format!("[{}]", arguments.join(","));
                Content::Ack(Ack { id, json: json.into(), attachments: event.attachments.clone() })
            }
            _ => return,
        };
        let answer = Outgoing::message(|to| {
            packet::encode(&Packet { namespace, content }, to);
            true
        });
        self.with_peer(|peer| {
            let attached = event.attachments.into_iter().map(Outgoing::Binary);
            answer.into_iter().chain(attached).for_each(|packet| peer.send(packet));
        });
    }

    fn with_peer(&self, say: impl FnOnce(&mut Peer)) {
        if let Some(session) = &self.session {
            let mut peer = session.peer.borrow_mut();
            say(&mut peer);
            peer.tick(Instant::now());
        }
        self.link.wake();
    }
}
