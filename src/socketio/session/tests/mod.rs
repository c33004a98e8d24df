//! The cases of the protocol documents and of the published test suites.

mod closing;
mod fuzz;
mod heartbeat;
mod namespaces;
mod polling;
mod upgrade;

use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Action, EngineMessage, EngineSession, Outgoing, Peer, SessionConfig, SocketNo};
use crate::socketio::codec::engine::{EnginePacket, Revision};
use crate::socketio::codec::packet::{self, Attachments, Namespace};
use crate::socketio::codec::payload::Bounds;

pub(super) use Revision::{Four, Three};

/// The settings of the published suites.
pub(super) const CONFIG: SessionConfig = SessionConfig {
    ping_interval: Duration::from_millis(300),
    ping_timeout: Duration::from_millis(200),
    connect: Duration::from_secs(1),
    upgrade: Duration::from_millis(150),
    linger: Duration::from_millis(100),
    post: Bounds { bytes: 1_000_000, packets: 100 },
    poll: Bounds { bytes: 1_000, packets: 16 },
    queue_bytes: 4_000,
    attachments: Attachments { count: 10, bytes: 100 },
    namespaces: 3,
};

/// Settings with which nothing is due for hours.
pub(super) const CALM: SessionConfig =
    SessionConfig { ping_interval: Duration::from_secs(10_000), connect: Duration::from_secs(10_000), ..CONFIG };

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Milliseconds after the start.
pub(super) fn at(milliseconds: u64) -> Instant {
    *START + Duration::from_millis(milliseconds)
}

/// An action as a client or the server would see it.
pub(super) fn describe(action: Action) -> String {
    match action {
        Action::AnswerPoll(body) if body.octets => format!("octets {:?}", &body.bytes[..]),
        Action::AnswerPoll(body) => format!("poll {}", std::str::from_utf8(&body.bytes).unwrap()),
        Action::Frame(_, frame) => {
            let binary = frame[0] == 0x82;
            let header = [2, 4, 10][[126, 127].iter().position(|long| *long == frame[1]).map_or(0, |at| at + 1)];
            let payload = frame.slice(header..);
            if binary { format!("bytes {:?}", &payload[..]) } else { String::from_utf8(payload.to_vec()).unwrap() }
        }
        Action::CloseSocket(SocketNo(number), why) => format!("close {number} {why:?}"),
        Action::Message(EngineMessage::Text(text)) => format!("message {text}"),
        Action::Message(EngineMessage::Binary(bytes)) => format!("message {:?}", &bytes[..]),
        Action::Connect(namespace, auth) => {
            format!("connect {} {}", namespace.as_str(), auth.unwrap_or_default()).trim().to_owned()
        }
        Action::Event(namespace, event) => {
            let id = event.id.map(|id| format!(" {id}")).unwrap_or_default();
            let attached: String = event.attachments.iter().map(|bytes| format!(" {:?}", &bytes[..])).collect();
            format!("event {}{id} {}{attached}", namespace.as_str(), event.json)
        }
        Action::Disconnected(namespace) => format!("left {}", namespace.as_str()),
        Action::Ended(ended) => format!("ended {ended:?}"),
    }
}

pub(super) fn engine_actions(engine: &mut EngineSession) -> Vec<String> {
    std::iter::from_fn(|| engine.next_action()).map(describe).collect()
}

pub(super) fn peer_actions(peer: &mut Peer) -> Vec<String> {
    std::iter::from_fn(|| peer.next_action()).map(describe).collect()
}

/// A session that has answered its first poll.
pub(super) fn polling(revision: Revision) -> EngineSession {
    polling_with(CONFIG, revision)
}

pub(super) fn polling_with(config: SessionConfig, revision: Revision) -> EngineSession {
    let mut engine = EngineSession::by_polling(Rc::new(config), revision, true, "abc", at(0));
    assert_eq!(engine_actions(&mut engine).len(), 1);
    engine
}

/// A session that began with a socket, after the handshake.
pub(super) fn socket(revision: Revision) -> (EngineSession, SocketNo) {
    let (mut engine, socket) = EngineSession::by_socket(Rc::new(CONFIG), revision, false, "abc", at(0));
    assert_eq!(engine_actions(&mut engine).len(), 1);
    (engine, socket)
}

/// A peer of revision 4 on a socket, in `/`.
pub(super) fn in_main() -> (Peer, SocketNo) {
    let (mut peer, socket) = Peer::by_socket(Rc::new(CONFIG), Four, false, "abc", at(0));
    client_sends(&mut peer, socket, "40");
    assert_eq!(peer_actions(&mut peer)[1..], ["connect /"]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(peer_actions(&mut peer), [r#"40{"sid":"s"}"#]);
    (peer, socket)
}

pub(super) fn client_sends(peer: &mut Peer, socket: SocketNo, text: &'static str) {
    peer.on_socket_text(socket, &text.into(), at(0));
}

pub(super) fn message(text: &str) -> Outgoing {
    Outgoing::packet(EnginePacket::Message(text.into()))
}

pub(super) fn post(engine: &mut EngineSession, body: &'static str, now: Instant) -> Result<(), u16> {
    engine.on_post_begin(now).map_err(|refused| refused.status())?;
    engine.on_post(false, &Bytes::from_static(body.as_bytes()), now).map_err(|refused| refused.status())
}

pub(super) fn event(namespace: &Namespace, name: &str) -> Outgoing {
    Outgoing::message(|to| {
        packet::event(namespace, name, to, |to| to.extend_from_slice(b"1"));
        true
    })
    .unwrap()
}
