//! Packets of Engine.IO: one in each WebSocket frame.
//!
//! A packet is a digit and what belongs to it. A binary message is the bytes themselves in revision 4, and has a byte 4
//! before them in revision 3; where a client cannot take bytes it is base64 behind `b`, or `b4` in revision 3.

use std::time::Duration;

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

/// What stands before a binary message of revision 3.
const BINARY_MESSAGE: u8 = 4;

/// What a client and a server probe a new transport with.
pub(crate) const PROBE: &str = "probe";

/// Which Engine.IO a client speaks: what its `EIO` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    /// As socket.io-client 1 and 2: the client pings, lengths stand before packets.
    Three,
    /// As socket.io-client 3 and later: the server pings, a separator stands between packets.
    Four,
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    /// The handshake, as JSON. Only a server says it.
    Open(ByteString),
    /// The session ends.
    Close,
    /// To be answered with the same data.
    Ping(ByteString),
    /// The answer.
    Pong(ByteString),
    /// Text for whoever uses the session.
    Message(ByteString),
    /// The client goes on over the transport that says it.
    Upgrade,
    /// Nothing: it lets a waiting poll go.
    Noop,
    /// Bytes for whoever uses the session.
    Binary(Bytes),
}

/// A packet on its way out: text as it stands in a frame, or the bytes of a binary message, which each way of sending wraps
/// in its own manner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encoded {
    /// The whole packet.
    Text(ByteString),
    /// A binary message without anything around it.
    Binary(Bytes),
}

/// What the server says first. Serialized as clients expect it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Handshake<'a> {
    /// The name of the session, a secret.
    pub sid: &'a str,
    /// Transports to change to.
    pub upgrades: &'a [&'a str],
    /// Milliseconds between two pings.
    pub ping_interval: u64,
    /// Milliseconds until the answer.
    pub ping_timeout: u64,
    /// Bytes that one body or frame of the client may have.
    pub max_payload: u64,
}

impl Handshake<'_> {
    /// Its packet.
    pub(crate) fn packet(&self) -> Packet {
        // Strings and numbers: there is nothing in it that could not be written.
        Packet::Open(serde_json::to_string(self).unwrap_or_default().into())
    }
}

/// A time as the handshake says it.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Packet {
    /// What is sent of it.
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

/// Reads the packet of a text frame, or one of the text packets of a body. What stands behind a packet that has no data is
/// passed over, as the published implementations do.
///
/// # Errors
/// It is no packet.
pub(crate) fn decode_text(revision: Revision, text: &ByteString) -> Result<Packet, Malformed> {
    let data = || text.get(1..).map_or_else(ByteString::new, |data| text.slice_ref(data));
    match text.as_bytes().first() {
        Some(b'0') => Ok(Packet::Open(data())),
        Some(b'1') => Ok(Packet::Close),
        Some(b'2') => Ok(Packet::Ping(data())),
        Some(b'3') => Ok(Packet::Pong(data())),
        Some(b'4') => Ok(Packet::Message(data())),
        Some(b'5') => Ok(Packet::Upgrade),
        Some(b'6') => Ok(Packet::Noop),
        Some(b'b') => {
            let base64 = match revision {
                Revision::Four => text.get(1..),
                Revision::Three => text.strip_prefix("b4"),
            };
            let bytes = BASE64.decode(base64.ok_or(Malformed::Type)?).map_err(|_| Malformed::Base64)?;
            Ok(Packet::Binary(bytes.into()))
        }
        _ => Err(Malformed::Type),
    }
}

/// Reads the packet of a binary frame, or one of the binary packets of a body of revision 3.
///
/// # Errors
/// In revision 3, it is not a message.
pub(crate) fn decode_binary(revision: Revision, mut bytes: Bytes) -> Result<Packet, Malformed> {
    if revision == Revision::Three {
        if bytes.first() != Some(&BINARY_MESSAGE) {
            return Err(Malformed::Type);
        }
        bytes = bytes.slice(1..);
    }
    Ok(Packet::Binary(bytes))
}

/// A binary message as text, for whoever cannot take bytes.
pub(crate) fn base64(revision: Revision, bytes: &[u8]) -> String {
    let mut text = String::from(if revision == Revision::Three { "b4" } else { "b" });
    BASE64.encode_string(bytes, &mut text);
    text
}

/// A binary message as the bytes of a frame.
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

    /// Any packet at all.
    pub(crate) fn packets() -> impl Strategy<Value = Packet> {
        let data = || any::<String>().prop_map(ByteString::from);
        prop_oneof![
            data().prop_map(Packet::Open),
            Just(Packet::Close),
            data().prop_map(Packet::Ping),
            data().prop_map(Packet::Pong),
            data().prop_map(Packet::Message),
            Just(Packet::Upgrade),
            Just(Packet::Noop),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Packet::Binary(bytes.into())),
        ]
    }

    #[test]
    fn packets_are_what_the_protocol_documents_say() {
        for (said, packet) in [
            ("0{}", Packet::Open(text("{}"))),
            ("1", Packet::Close),
            ("2", Packet::Ping(text(""))),
            ("2probe", Packet::Ping(text("probe"))),
            ("3probe", Packet::Pong(text("probe"))),
            ("4", Packet::Message(text(""))),
            ("4hello", Packet::Message(text("hello"))),
            ("4€", Packet::Message(text("€"))),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
        ] {
            for revision in [Three, Four] {
                assert_eq!(decode_text(revision, &text(said)), Ok(packet.clone()), "{said}");
            }
            assert_eq!(packet.encode(), Encoded::Text(text(said)));
        }
    }

    #[test]
    fn a_binary_message_is_bytes_or_base64() {
        let packet = Packet::Binary(Bytes::from_static(&[1, 2, 3, 4]));
        assert_eq!(decode_text(Four, &text("bAQIDBA==")), Ok(packet.clone()));
        assert_eq!(decode_text(Four, &text("bAQIDBA")), Ok(packet.clone()));
        assert_eq!(decode_text(Three, &text("b4AQIDBA==")), Ok(packet.clone()));
        assert_eq!(decode_binary(Four, Bytes::from_static(&[1, 2, 3, 4])), Ok(packet.clone()));
        assert_eq!(decode_binary(Three, Bytes::from_static(&[4, 1, 2, 3, 4])), Ok(packet));
        assert_eq!(base64(Four, &[1, 2, 3, 4]), "bAQIDBA==");
        assert_eq!(base64(Three, &[1, 2, 3, 4]), "b4AQIDBA==");
        assert_eq!(octets(Four, &Bytes::from_static(&[1])), [1][..]);
        assert_eq!(octets(Three, &Bytes::from_static(&[1])), [4, 1][..]);
        assert_eq!(decode_binary(Four, Bytes::new()), Ok(Packet::Binary(Bytes::new())));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for (said, why) in
            [("", Malformed::Type), ("abc", Malformed::Type), ("7", Malformed::Type), ("b?", Malformed::Base64)]
        {
            assert_eq!(decode_text(Four, &text(said)), Err(why), "{said}");
        }
        assert_eq!(decode_text(Three, &text("b2AQ==")), Err(Malformed::Type));
        assert_eq!(decode_text(Three, &text("b")), Err(Malformed::Type));
        assert_eq!(decode_binary(Three, Bytes::new()), Err(Malformed::Type));
        assert_eq!(decode_binary(Three, Bytes::from_static(&[2])), Err(Malformed::Type));
    }

    #[test]
    fn the_handshake_has_the_keys_that_clients_look_for() {
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
        fn what_is_encoded_is_decoded_again(packet in packets(), three in any::<bool>()) {
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
        fn no_bytes_make_it_panic(text in "[0-9b]?\\PC{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            for revision in [Three, Four] {
                let _ = decode_text(revision, &text.clone().into());
                let _ = decode_binary(revision, bytes.clone().into());
            }
        }
    }
}
