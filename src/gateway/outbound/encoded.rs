//! Events as they are sent, in the framings of clients. Each framing is encoded once, when it is first needed, and shared.

use std::cell::OnceCell;

use bytes::{Bytes, BytesMut};

use crate::domain::{Event, Refusal};
use crate::protocol::native;
use crate::protocol::socketio as vocabulary;
use crate::socketio::session::Outgoing;
use crate::websocket::frame;

/// How a client takes what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The native dialect in WebSocket frames.
    Frames,
    /// The native vocabulary in packets, each in a WebSocket frame.
    PacketFrames,
    /// The same packets: they wait for a poll.
    Packets,
}

/// One event in every framing.
pub(crate) struct EncodedEvent {
    native: Bytes,
    /// `None` within: not said in packets.
    packet: OnceCell<Option<Outgoing>>,
}

impl EncodedEvent {
    /// The event as all its readers are told; `None` where it is not said.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        Self::new(|to| native::event(event, to))
    }

    /// What `write` says in the native dialect; `None` where it declines.
    pub(crate) fn new(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        frame::text(write).map(|native| Self { native, packet: OnceCell::new() })
    }

    /// A refusal that answers no command.
    pub(crate) fn refusal(refusal: &Refusal) -> Option<Self> {
        Self::new(|to| {
            native::error(None, refusal, to);
            true
        })
    }

    /// What `write` says as a packet, and in no other framing; `None` where it declines.
    pub(crate) fn only_packet(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        let packet = Outgoing::message(write)?;
        Some(Self { native: Bytes::new(), packet: OnceCell::from(Some(packet)) })
    }

    /// The frame of the native dialect.
    pub(crate) const fn native(&self) -> &Bytes {
        &self.native
    }

    /// The packet of the native vocabulary; `None` where it is not said so.
    pub(crate) fn packet(&self) -> Option<&Outgoing> {
        let json = || frame::payload(&self.native);
        let packet = self.packet.get_or_init(|| Outgoing::message(|to| vocabulary::packet(&json(), to)));
        packet.as_ref()
    }

    /// The whole frame for a WebSocket whose client takes this framing.
    fn framed(&self, framing: Framing) -> Option<&Bytes> {
        if framing == Framing::Frames { Some(&self.native) } else { self.packet().and_then(Outgoing::shared) }
    }
}

/// Several of one room behind each other in one piece, for WebSockets whose clients take this framing.
pub(crate) fn join<'a>(pieces: impl Iterator<Item = &'a EncodedEvent>, framing: Framing) -> Bytes {
    let frames: Vec<&Bytes> = pieces.filter_map(|piece| piece.framed(framing)).collect();
    match frames.as_slice() {
        [only] => Bytes::clone(only),
        many => {
            let mut whole = BytesMut::with_capacity(many.iter().map(|frame| frame.len()).sum());
            many.iter().for_each(|frame| whole.extend_from_slice(frame));
            whole.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_says_the_same() {
        let said = EncodedEvent::new(|to| {
            to.extend_from_slice(br#"{"type":"typing","username":"avi"}"#);
            true
        });
        let said = said.unwrap();
        let framed = said.packet().and_then(Outgoing::shared).unwrap();
        assert_eq!(frame::payload(framed), r#"42["typing",{"username":"avi"}]"#);
        let twice = join([&said, &said].into_iter(), Framing::PacketFrames);
        assert_eq!(twice.len(), 2 * framed.len());
        assert_eq!(join([&said].into_iter(), Framing::Frames), said.native());
    }
}
