//! Outbound packets, encoded once and shared by all recipients, and the queue of a polling client.

use std::collections::VecDeque;

use bytes::Bytes;
use bytestring::ByteString;

use crate::socketio::codec::engine::{self, Encoded, EnginePacket, Revision};
use crate::socketio::codec::payload::{self, Body, Bounds};
use crate::websocket::frame;

/// One packet. Cheap to clone: clones share the same bytes, for every revision and transport.
#[derive(Clone, Debug)]
pub(crate) enum Outgoing {
    /// A text packet: a slice of its complete WebSocket frame.
    Text { frame: Bytes, packet: ByteString },
    /// A binary message, which each revision and transport frames differently.
    Binary(Bytes),
}

impl Outgoing {
    /// A message with the text that `write` appends; `None` where it returns false, or where the text is not UTF-8.
    pub(crate) fn message(write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        let frame = frame::text(|to| {
            to.push(b'4');
            write(to)
        })?;
        let packet = ByteString::try_from(frame::payload(&frame)).ok()?;
        Some(Self::Text { frame, packet })
    }

    /// A packet of Engine.IO itself.
    pub(crate) fn packet(packet: EnginePacket) -> Self {
        match packet.encode() {
            Encoded::Text(packet) => {
                let frame = frame::data(false, packet.as_bytes());
                Self::Text { frame, packet }
            }
            Encoded::Binary(bytes) => Self::Binary(bytes),
        }
    }

    /// Bytes that it takes in a queue.
    pub(crate) const fn size(&self) -> usize {
        match self {
            Self::Text { frame, .. } => frame.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    pub(crate) const fn shared(&self) -> Option<&Bytes> {
        match self {
            Self::Text { frame, .. } => Some(frame),
            Self::Binary(_) => None,
        }
    }

    pub(crate) fn frame(&self, revision: Revision, base64: bool) -> Bytes {
        match self {
            Self::Text { frame, .. } => frame.clone(),
            Self::Binary(bytes) if base64 => frame::data(false, engine::base64(revision, bytes).as_bytes()),
            Self::Binary(bytes) => frame::data(true, &engine::octets(revision, bytes)),
        }
    }

    fn encoded(&self) -> Encoded {
        match self {
            Self::Text { packet, .. } => Encoded::Text(packet.clone()),
            Self::Binary(bytes) => Encoded::Binary(bytes.clone()),
        }
    }
}

/// Packets queued for the next poll. Takes no memory while it is empty.
#[derive(Debug, Default)]
pub(super) struct OutgoingQueue {
    packets: VecDeque<Outgoing>,
    bytes: usize,
}

impl OutgoingQueue {
    /// Appends a packet. `false`: the queue exceeds its bound. A single packet never does, since its bytes are shared by all
    /// recipients.
    pub(super) fn push(&mut self, packet: Outgoing, max_bytes: usize) -> bool {
        let before = self.bytes;
        self.bytes += packet.size();
        self.packets.push_back(packet);
        before == 0 || self.bytes <= max_bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn pop(&mut self) -> Option<Outgoing> {
        let packet = self.packets.pop_front();
        if let Some(packet) = &packet {
            self.bytes = self.bytes.saturating_sub(packet.size());
        } else {
            self.packets = VecDeque::new();
        }
        packet
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The response to a poll, with as many packets as fit, and their number.
    pub(super) fn body(&mut self, revision: Revision, base64: bool, bounds: Bounds) -> (Body, u64) {
        let (mut packets, mut bytes, mut count) = (Vec::new(), 0, 0);
        while let Some(next) = self.packets.front() {
            bytes += next.size();
            if !packets.is_empty() && (bytes > bounds.bytes || packets.len() >= bounds.packets) {
                break;
            }
            packets.extend(self.pop().as_ref().map(Outgoing::encoded));
            count += 1;
        }
        if self.is_empty() {
            self.clear();
        }
        (payload::encode(revision, base64, &packets), count)
    }
}

/// The response to a poll that has only a packet of Engine.IO itself.
pub(super) fn poll_response(revision: Revision, base64: bool, packet: EnginePacket) -> Body {
    payload::encode(revision, base64, &[packet.encode()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_encoded_once_for_every_transport() {
        for length in [0, 100, 200, 70_000] {
            let text = "x".repeat(length);
            let message = Outgoing::message(|to| {
                to.extend_from_slice(text.as_bytes());
                true
            });
            let Some(Outgoing::Text { frame, packet }) = message else { panic!("no text") };
            assert_eq!(packet, format!("4{text}"));
            assert_eq!(frame, frame::data(false, packet.as_bytes()));
            // The packet is a part of the frame, not a copy of it.
            assert!(frame.as_ptr_range().contains(&packet.as_ptr()));
        }
        assert!(Outgoing::message(|_| false).is_none());
        assert!(
            Outgoing::message(|to| {
                to.push(0xFF);
                true
            })
            .is_none()
        );
    }

    #[test]
    fn binary_messages_are_framed_for_each_revision_and_encoding() {
        let bytes = Outgoing::Binary(Bytes::from_static(&[1, 2]));
        assert_eq!(bytes.frame(Revision::Four, false)[..], [0x82, 2, 1, 2]);
        assert_eq!(bytes.frame(Revision::Three, false)[..], [0x82, 3, 4, 1, 2]);
        assert_eq!(bytes.frame(Revision::Three, true)[..], *b"\x81\x06b4AQI=");
        assert_eq!(bytes.frame(Revision::Four, true)[..], *b"\x81\x05bAQI=");
    }
}
