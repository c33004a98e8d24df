//! The protocol case by case, as the published documents and their test suites have it.

mod anything;
mod ending;
mod heartbeat;
mod namespaces;
mod polling;
mod upgrade;

use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Action, Line, Message, Outgoing, Peer, SocketNo, Terms};
use crate::socketio::codec::engine::{Packet, Revision};
use crate::socketio::codec::packet::{self, Attachments, Namespace};
use crate::socketio::codec::payload::Bounds;

pub(super) use Revision::{Four, Three};

/// As the published suites expect a server to be set.
pub(super) const TERMS: Terms = Terms {
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

/// Terms under which nothing is due for hours.
pub(super) const CALM: Terms =
    Terms { ping_interval: Duration::from_secs(10_000), connect: Duration::from_secs(10_000), ..TERMS };

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// So many milliseconds after the beginning.
pub(super) fn at(milliseconds: u64) -> Instant {
    *START + Duration::from_millis(milliseconds)
}

/// What a client would see of an action, or the house.
pub(super) fn shown(action: Action) -> String {
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
        Action::Message(Message::Text(text)) => format!("said {text}"),
        Action::Message(Message::Binary(bytes)) => format!("said {:?}", &bytes[..]),
        Action::Connect(namespace, auth) => {
            format!("connect {namespace} {}", auth.unwrap_or_default()).trim().to_owned()
        }
        Action::Event(namespace, event) => {
            let id = event.id.map(|id| format!(" {id}")).unwrap_or_default();
            let attached: String = event.attachments.iter().map(|bytes| format!(" {:?}", &bytes[..])).collect();
            format!("event {namespace}{id} {}{attached}", event.json)
        }
        Action::Ack(namespace, ack) => format!("ack {namespace} {} {}", ack.id, ack.json),
        Action::Disconnected(namespace) => format!("left {namespace}"),
        Action::Ended(ended) => format!("ended {ended:?}"),
    }
}

/// What there is to do for a line.
pub(super) fn told(line: &mut Line) -> Vec<String> {
    std::iter::from_fn(|| line.next_action()).map(shown).collect()
}

/// What there is to do for a peer.
pub(super) fn all(peer: &mut Peer) -> Vec<String> {
    std::iter::from_fn(|| peer.next_action()).map(shown).collect()
}

/// A line that has answered its first poll.
pub(super) fn polling(revision: Revision) -> Line {
    polling_under(TERMS, revision)
}

/// The same under other terms.
pub(super) fn polling_under(terms: Terms, revision: Revision) -> Line {
    let mut line = Line::by_polling(Rc::new(terms), revision, true, "abc", at(0));
    assert_eq!(told(&mut line).len(), 1);
    line
}

/// A line that began with a socket, which has taken the handshake.
pub(super) fn socket(revision: Revision) -> (Line, SocketNo) {
    let (mut line, socket) = Line::by_socket(Rc::new(TERMS), revision, false, "abc", at(0));
    assert_eq!(told(&mut line).len(), 1);
    (line, socket)
}

/// A peer of revision 4 on a socket, in `/`.
pub(super) fn in_main() -> (Peer, SocketNo) {
    let (mut peer, socket) = Peer::by_socket(Rc::new(TERMS), Four, false, "abc", at(0));
    say(&mut peer, socket, "40");
    assert_eq!(all(&mut peer)[1..], ["connect /"]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(all(&mut peer), [r#"40{"sid":"s"}"#]);
    (peer, socket)
}

/// A client says something over its socket, at the beginning of time.
pub(super) fn say(peer: &mut Peer, socket: SocketNo, text: &'static str) {
    peer.on_socket_text(socket, &text.into(), at(0));
}

/// A message of Engine.IO.
pub(super) fn message(text: &str) -> Outgoing {
    Outgoing::packet(Packet::Message(text.into()))
}

/// A client says something by a post.
pub(super) fn post(line: &mut Line, body: &'static str, now: Instant) -> Result<(), u16> {
    line.on_post_begin(now).map_err(|refused| refused.status())?;
    line.on_post(false, &Bytes::from_static(body.as_bytes()), now).map_err(|refused| refused.status())
}

/// An event in a namespace.
pub(super) fn event(namespace: &Namespace, id: Option<u64>, name: &str) -> Outgoing {
    Outgoing::message(|to| {
        packet::event(namespace, id, name, to, |to| to.extend_from_slice(b"1"));
        true
    })
    .unwrap()
}
