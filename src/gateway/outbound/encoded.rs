//! Encoded events. Each framing is encoded once, when it is first needed, and shared by all recipients.

use std::cell::OnceCell;

use bytes::{Bytes, BytesMut};

use crate::domain::{Event, Refusal};
use crate::protocol::native;
use crate::protocol::socketio;
use crate::socketio::session::Outgoing;
use crate::websocket::frame;

/// The framing of what a client is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The native dialect in WebSocket frames.
    Frames,
    /// Socket.IO packets of the native events, each in a WebSocket frame.
    PacketFrames,
    /// The same packets, queued for a poll.
    Packets,
}

pub(crate) struct EncodedEvent {
    native: Bytes,
    /// `None` within: not encoded in packets.
    packet: OnceCell<Option<Outgoing>>,
}

impl EncodedEvent {
    /// `None` where clients are not sent this event.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        Self::new(|to| native::event(event, to))
    }

    /// The JSON that `write` appends; `None` where it returns false.
    pub(crate) fn new(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        frame::text(write).map(|native| Self { native, packet: OnceCell::new() })
    }

    pub(crate) fn refusal(refusal: &Refusal) -> Option<Self> {
        Self::new(|to| {
            native::error(None, refusal, to);
            true
        })
    }

    /// The packet that `write` appends, and no other framing; `None` where it returns false.
    pub(crate) fn only_packet(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        let packet = Outgoing::message(write)?;
        Some(Self { native: Bytes::new(), packet: OnceCell::from(Some(packet)) })
    }

    pub(crate) const fn native(&self) -> &Bytes {
        &self.native
    }

    /// `None` where Socket.IO has no such event.
    pub(crate) fn packet(&self) -> Option<&Outgoing> {
        let json = || frame::payload(&self.native);
        let packet = self.packet.get_or_init(|| Outgoing::message(|to| socketio::packet(&json(), to)));
        packet.as_ref()
    }

    /// The frame for a WebSocket.
    fn framed(&self, framing: Framing) -> Option<&Bytes> {
        if framing == Framing::Frames { Some(&self.native) } else { self.packet().and_then(Outgoing::shared) }
    }
}

/// The frames of several events in one buffer, for WebSockets.
pub(crate) fn join<'a>(events: impl Iterator<Item = &'a EncodedEvent>, framing: Framing) -> Bytes {
    let frames: Vec<&Bytes> = events.filter_map(|event| event.framed(framing)).collect();
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
    fn every_framing_has_the_same_content() {
        let encoded = EncodedEvent::new(|to| {
            to.extend_from_slice(br#"{"type":"typing","username":"avi"}"#);
            true
        });
        let encoded = encoded.unwrap();
        let framed = encoded.packet().and_then(Outgoing::shared).unwrap();
        assert_eq!(frame::payload(framed), r#"42["typing",{"username":"avi"}]"#);
        let twice = join([&encoded, &encoded].into_iter(), Framing::PacketFrames);
        assert_eq!(twice.len(), 2 * framed.len());
        assert_eq!(join([&encoded].into_iter(), Framing::Frames), encoded.native());
    }
}
