//! Packets of Engine.IO: one in each WebSocket frame.
//!
//! A packet is a digit and its data. A binary message is the plain bytes in revision 4, and prefixed by a byte 4 in revision 3;
//! for a client that cannot receive binary data it is base64 behind `b`, or behind `b4` in revision 3.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use serde::Serialize;

use super::Malformed;

/// Written with padding, read with or without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The prefix of a binary message in revision 3.
const BINARY_MESSAGE: u8 = 4;

/// The data of the ping and pong that probe a new transport.
pub(crate) const PROBE: &str = "probe";

/// The version of Engine.IO: the parameter `EIO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    /// Of socket.io-client 1 and 2: the client pings, and packets in a body are prefixed by their length.
    Three,
    /// Of socket.io-client 3 and later: the server pings, and packets in a body are separated.
    Four,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EnginePacket {
    /// The handshake, as JSON; sent by servers only.
    Open(ByteString),
    Close,
    /// To be answered by a pong with the same data.
    Ping(ByteString),
    Pong(ByteString),
    Message(ByteString),
    /// The client switches to the transport that carries this packet.
    Upgrade,
    /// Without meaning; answers a pending poll.
    Noop,
    Binary(Bytes),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encoded {
    Text(ByteString),
    /// A binary message, which is still to be framed for the revision and transport.
    Binary(Bytes),
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Handshake<'a> {
    /// The secret id of the session.
    pub sid: &'a str,
    pub upgrades: &'a [&'a str],
    /// Milliseconds between two pings.
    pub ping_interval: u128,
    /// Milliseconds until the pong is overdue.
    pub ping_timeout: u128,
    /// Bytes of one body or frame of the client.
    pub max_payload: usize,
}

impl Handshake<'_> {
    pub(crate) fn packet(&self) -> EnginePacket {
        // Strings and numbers can always be serialized.
        EnginePacket::Open(serde_json::to_string(self).unwrap_or_default().into())
    }
}

impl EnginePacket {
    pub(crate) fn encode(self) -> Encoded {
        let (digit, data) = match self {
            Self::Binary(bytes) => return Encoded::Binary(bytes),
            Self::Open(json) => ('0', json),
            Self::Close => return Encoded::Text(ByteString::from_static("1")),
            Self::Ping(data) => ('2', data),
            Self::Pong(data) => ('3', data),
            Self::Message(data) => ('4', data),
            Self::Upgrade => return Encoded::Text(ByteString::from_static("5")),
            Self::Noop => return Encoded::Text(ByteString::from_static("6")),
        };
        let mut text = String::with_capacity(1 + data.len());
        text.push(digit);
        text.push_str(&data);
        Encoded::Text(text.into())
    }
}

/// Decodes a text frame, or a text packet of a body. Data of a packet type that has none is ignored, as the reference
/// implementations do.
pub(crate) fn decode_text(revision: Revision, text: &ByteString) -> Result<EnginePacket, Malformed> {
    let data = || text.get(1..).map_or_else(ByteString::new, |data| text.slice_ref(data));
    match text.as_bytes().first() {
        Some(b'0') => Ok(EnginePacket::Open(data())),
        Some(b'1') => Ok(EnginePacket::Close),
        Some(b'2') => Ok(EnginePacket::Ping(data())),
        Some(b'3') => Ok(EnginePacket::Pong(data())),
        Some(b'4') => Ok(EnginePacket::Message(data())),
        Some(b'5') => Ok(EnginePacket::Upgrade),
        Some(b'6') => Ok(EnginePacket::Noop),
        Some(b'b') => {
            let base64 = match revision {
                Revision::Four => text.get(1..),
                Revision::Three => text.strip_prefix("b4"),
            };
            let bytes = BASE64.decode(base64.ok_or(Malformed::Type)?).map_err(|_| Malformed::Base64)?;
            Ok(EnginePacket::Binary(bytes.into()))
        }
        _ => Err(Malformed::Type),
    }
}

/// Decodes a binary frame, or a binary packet of a body of revision 3.
pub(crate) fn decode_binary(revision: Revision, mut bytes: Bytes) -> Result<EnginePacket, Malformed> {
    if revision == Revision::Three {
        if bytes.first() != Some(&BINARY_MESSAGE) {
            return Err(Malformed::Type);
        }
        bytes = bytes.slice(1..);
    }
    Ok(EnginePacket::Binary(bytes))
}

/// A binary message as a text packet.
pub(crate) fn base64(revision: Revision, bytes: &[u8]) -> String {
    let mut text = String::from(if revision == Revision::Three { "b4" } else { "b" });
    BASE64.encode_string(bytes, &mut text);
    text
}

/// A binary message as the payload of a binary frame.
pub(crate) fn octets(revision: Revision, bytes: &Bytes) -> Bytes {
    if revision == Revision::Four {
        return bytes.clone();
    }
    let mut packet = BytesMut::with_capacity(1 + bytes.len());
    packet.extend_from_slice(&[BINARY_MESSAGE]);
    packet.extend_from_slice(bytes);
    packet.freeze()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use Revision::{Four, Three};

    fn text(text: &'static str) -> ByteString {
        ByteString::from_static(text)
    }

    pub(crate) fn packets() -> impl Strategy<Value = EnginePacket> {
        let data = || any::<String>().prop_map(ByteString::from);
        prop_oneof![
            data().prop_map(EnginePacket::Open),
            Just(EnginePacket::Close),
            data().prop_map(EnginePacket::Ping),
            data().prop_map(EnginePacket::Pong),
            data().prop_map(EnginePacket::Message),
            Just(EnginePacket::Upgrade),
            Just(EnginePacket::Noop),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| EnginePacket::Binary(bytes.into())),
        ]
    }

    #[test]
    fn packets_match_the_protocol_documents() {
        for (encoded, packet) in [
            ("0{}", EnginePacket::Open(text("{}"))),
            ("1", EnginePacket::Close),
            ("2", EnginePacket::Ping(text(""))),
            ("2probe", EnginePacket::Ping(text("probe"))),
            ("3probe", EnginePacket::Pong(text("probe"))),
            ("4", EnginePacket::Message(text(""))),
            ("4hello", EnginePacket::Message(text("hello"))),
            ("4€", EnginePacket::Message(text("€"))),
            ("5", EnginePacket::Upgrade),
            ("6", EnginePacket::Noop),
        ] {
            for revision in [Three, Four] {
                assert_eq!(decode_text(revision, &text(encoded)), Ok(packet.clone()), "{encoded}");
            }
            assert_eq!(packet.encode(), Encoded::Text(text(encoded)));
        }
    }

    #[test]
    fn a_binary_message_is_sent_as_bytes_or_base64() {
        let packet = EnginePacket::Binary(Bytes::from_static(&[1, 2, 3, 4]));
        assert_eq!(decode_text(Four, &text("bAQIDBA==")), Ok(packet.clone()));
        assert_eq!(decode_text(Four, &text("bAQIDBA")), Ok(packet.clone()));
        assert_eq!(decode_text(Three, &text("b4AQIDBA==")), Ok(packet.clone()));
        assert_eq!(decode_binary(Four, Bytes::from_static(&[1, 2, 3, 4])), Ok(packet.clone()));
        assert_eq!(decode_binary(Three, Bytes::from_static(&[4, 1, 2, 3, 4])), Ok(packet));
        assert_eq!(base64(Four, &[1, 2, 3, 4]), "bAQIDBA==");
        assert_eq!(base64(Three, &[1, 2, 3, 4]), "b4AQIDBA==");
        assert_eq!(octets(Four, &Bytes::from_static(&[1])), [1][..]);
        assert_eq!(octets(Three, &Bytes::from_static(&[1])), [4, 1][..]);
        assert_eq!(decode_binary(Four, Bytes::new()), Ok(EnginePacket::Binary(Bytes::new())));
    }

    #[test]
    fn malformed_packets_are_refused() {
        for (input, why) in
            [("", Malformed::Type), ("abc", Malformed::Type), ("7", Malformed::Type), ("b?", Malformed::Base64)]
        {
            assert_eq!(decode_text(Four, &text(input)), Err(why), "{input}");
        }
        assert_eq!(decode_text(Three, &text("b2AQ==")), Err(Malformed::Type));
        assert_eq!(decode_text(Three, &text("b")), Err(Malformed::Type));
        assert_eq!(decode_binary(Three, Bytes::new()), Err(Malformed::Type));
        assert_eq!(decode_binary(Three, Bytes::from_static(&[2])), Err(Malformed::Type));
    }

    #[test]
    fn the_handshake_has_the_keys_that_clients_expect() {
        let handshake = Handshake {
            sid: "lv_VI97HAXpY6yYWAAAC",
            upgrades: &["websocket"],
            ping_interval: 25_000,
            ping_timeout: 20_000,
            max_payload: 1_000_000,
        };
        assert_eq!(
            handshake.packet().encode(),
            Encoded::Text(text(
                r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
            ))
        );
    }

    proptest! {
        #[test]
        fn every_packet_survives_a_round_trip(packet in packets(), three in any::<bool>()) {
            let revision = if three { Three } else { Four };
            match packet.clone().encode() {
                Encoded::Text(text) => prop_assert_eq!(decode_text(revision, &text), Ok(packet)),
                Encoded::Binary(bytes) => {
                    prop_assert_eq!(decode_binary(revision, octets(revision, &bytes)), Ok(packet.clone()));
                    prop_assert_eq!(decode_text(revision, &base64(revision, &bytes).into()), Ok(packet));
                }
            }
        }

        #[test]
        fn no_input_makes_the_decoder_panic(text in "[0-9b]?\\PC{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            for revision in [Three, Four] {
                let _ = decode_text(revision, &text.clone().into());
                let _ = decode_binary(revision, bytes.clone().into());
            }
        }
    }
}
