//! Bodies of polling requests, of several packets each.
//!
//! Three formats: packets are [separated] in revision 4, and prefixed by their length in revision 3, which is [counted] in
//! characters in a text body and in [octets] in a binary one.

mod counted;
mod octets;
mod separated;

use bytes::Bytes;
use bytestring::ByteString;

use super::Malformed;
use super::engine::{Encoded, EnginePacket, Revision};

/// Digits of a length.
const DIGITS: usize = 9;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub bytes: usize,
    pub packets: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub bytes: Bytes,
    /// The content type is `application/octet-stream`; otherwise text.
    pub octets: bool,
}

/// Decodes the body of a POST, all of it or nothing. `octets`: its content type is `application/octet-stream`, which matters
/// in revision 3 only.
pub(crate) fn decode(
    revision: Revision,
    octets: bool,
    body: &Bytes,
    bounds: Bounds,
) -> Result<Vec<EnginePacket>, Malformed> {
    if body.len() > bounds.bytes {
        return Err(Malformed::TooLarge);
    }
    if octets && revision == Revision::Three {
        return octets::decode(body, bounds.packets);
    }
    let text = ByteString::try_from(body.clone()).map_err(|_| Malformed::Utf8)?;
    match revision {
        Revision::Three => counted::decode(&text, bounds.packets),
        Revision::Four => separated::decode(&text, bounds.packets),
    }
}

/// Encodes `packets` as one body. `base64`: the client requires a text body.
///
/// In revision 3 the body is binary if a message is, or if a character lies beyond U+FFFF: in a text body JavaScript counts
/// such a character twice and Python's client once, whereas both count octets alike.
pub(crate) fn encode(revision: Revision, base64: bool, packets: &[Encoded]) -> Body {
    match revision {
        Revision::Four => Body { bytes: separated::encode(packets).into(), octets: false },
        Revision::Three if !base64 && packets.iter().any(needs_octets) => {
            Body { bytes: octets::encode(packets).into(), octets: true }
        }
        Revision::Three => Body { bytes: counted::encode(packets).into(), octets: false },
    }
}

fn needs_octets(packet: &Encoded) -> bool {
    match packet {
        Encoded::Text(text) => text.bytes().any(|byte| byte >= 0xF0),
        Encoded::Binary(_) => true,
    }
}

fn push_bounded(packets: &mut Vec<EnginePacket>, packet: EnginePacket, max_packets: usize) -> Result<(), Malformed> {
    if packets.len() >= max_packets {
        return Err(Malformed::TooLarge);
    }
    packets.push(packet);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::engine::tests::packets;
    use super::*;
    use Revision::{Four, Three};

    const WIDE: Bounds = Bounds { bytes: 10_000, packets: 100 };

    fn message(text: &'static str) -> EnginePacket {
        EnginePacket::Message(ByteString::from_static(text))
    }

    fn ping() -> EnginePacket {
        EnginePacket::Ping(ByteString::new())
    }

    fn binary(bytes: &'static [u8]) -> EnginePacket {
        EnginePacket::Binary(Bytes::from_static(bytes))
    }

    fn decode_body(revision: Revision, body: &'static str) -> Result<Vec<EnginePacket>, Malformed> {
        decode(revision, false, &Bytes::from_static(body.as_bytes()), WIDE)
    }

    fn read_octets(body: &'static [u8]) -> Result<Vec<EnginePacket>, Malformed> {
        decode(Three, true, &Bytes::from_static(body), WIDE)
    }

    fn encoded(revision: Revision, base64: bool, packets: &[EnginePacket]) -> Body {
        let packets: Vec<Encoded> = packets.iter().cloned().map(EnginePacket::encode).collect();
        encode(revision, base64, &packets)
    }

    #[test]
    fn revision_4_separates_packets() {
        for (body, packets) in [
            ("4hello", vec![message("hello")]),
            ("4hello\x1e2\x1e4world", vec![message("hello"), ping(), message("world")]),
            ("4hello\x1ebAQIDBA==", vec![message("hello"), binary(&[1, 2, 3, 4])]),
            ("4€\x1e4😀", vec![message("€"), message("😀")]),
        ] {
            assert_eq!(decode_body(Four, body), Ok(packets.clone()), "{body}");
            let bytes = Bytes::from_static(body.as_bytes());
            assert_eq!(encoded(Four, false, &packets), Body { bytes, octets: false });
        }
        for (body, why) in [
            ("", Malformed::Type),
            ("abc", Malformed::Type),
            ("4a\x1e", Malformed::Type),
            ("\x1e4a", Malformed::Type),
            ("4a\x1eb!", Malformed::Base64),
        ] {
            assert_eq!(decode_body(Four, body), Err(why), "{body:?}");
        }
    }

    #[test]
    fn revision_3_counts_characters_as_javascript_does() {
        for (body, packets) in [
            ("6:4hello", vec![message("hello")]),
            ("6:4test16:4test26:4test3", vec![message("test1"), message("test2"), message("test3")]),
            ("6:4hello2:4€", vec![message("hello"), message("€")]),
            ("6:4hello10:b4AQIDBA==", vec![message("hello"), binary(&[1, 2, 3, 4])]),
            ("5:4a😀b1:2", vec![message("a😀b"), ping()]),
            ("0:", vec![]),
        ] {
            assert_eq!(decode_body(Three, body), Ok(packets.clone()), "{body}");
            let bytes = Bytes::from_static(body.as_bytes());
            assert_eq!(encoded(Three, true, &packets), Body { bytes, octets: false });
        }
        assert_eq!(decode_body(Three, "0:01:2"), Ok(vec![ping()]));
        for (body, why) in [
            ("", Malformed::Length),
            ("abc", Malformed::Length),
            ("x:4", Malformed::Length),
            (":4", Malformed::Length),
            ("6:4hell", Malformed::Length),
            ("6:4hello5", Malformed::Length),
            ("+1:4", Malformed::Length),
            ("3:4a😀", Malformed::Length),
            ("18446744073709551617:4", Malformed::Length),
            ("1:7", Malformed::Type),
        ] {
            assert_eq!(decode_body(Three, body), Err(why), "{body}");
        }
    }

    #[test]
    fn revision_3_sends_binary_messages_as_octets() {
        let packets = vec![message("hello"), binary(&[1, 2, 3, 4])];
        let body: &[u8] = &[0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4];
        assert_eq!(read_octets(body), Ok(packets.clone()));
        assert_eq!(encoded(Three, false, &packets), Body { bytes: Bytes::from_static(body), octets: true });
        // Python's clients send everything as octets.
        assert_eq!(read_octets(&[0, 1, 255, 50]), Ok(vec![ping()]));
        assert_eq!(read_octets(&[0, 4, 255, 52, 226, 130, 172]), Ok(vec![message("€")]));
        assert_eq!(read_octets(&[1, 1, 255, 4]), Ok(vec![binary(&[])]));
        for body in [
            &[][..],
            &[0],
            &[0, 1],
            &[0, 255, 50],
            &[0, 0, 255],
            &[2, 1, 255, 50],
            &[0, 10, 255, 50],
            &[0, 2, 255, 50],
            &[0, 1, 255, 50, 0],
            &[0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255, 50],
        ] {
            assert_eq!(read_octets(body), Err(Malformed::Length), "{body:?}");
        }
        assert_eq!(read_octets(&[0, 1, 255, 200]), Err(Malformed::Utf8));
        assert_eq!(read_octets(&[1, 1, 255, 9]), Err(Malformed::Type));
    }

    #[test]
    fn characters_that_clients_count_differently_are_sent_as_octets() {
        let body: &[u8] = &[0, 7, 255, 52, 97, 240, 159, 152, 128, 98];
        assert_eq!(encoded(Three, false, &[message("a😀b")]), Body { bytes: Bytes::from_static(body), octets: true });
        assert!(!encoded(Three, false, &[message("a€b")]).octets);
        assert!(!encoded(Three, true, &[message("a😀b")]).octets);
    }

    #[test]
    fn bodies_are_bounded() {
        let bounds = Bounds { bytes: 6, packets: 2 };
        let decode =
            |revision, octets, body: &'static [u8]| decode(revision, octets, &Bytes::from_static(body), bounds);
        assert_eq!(decode(Four, false, b"2\x1e2").map(|packets| packets.len()), Ok(2));
        assert_eq!(decode(Four, false, b"2\x1e2\x1e2"), Err(Malformed::TooLarge));
        assert_eq!(decode(Four, false, b"4hello!"), Err(Malformed::TooLarge));
        let bounds = Bounds { bytes: 12, packets: 2 };
        let decode = |octets, body: &'static [u8]| super::decode(Three, octets, &Bytes::from_static(body), bounds);
        assert_eq!(decode(false, b"1:21:21:2"), Err(Malformed::TooLarge));
        assert_eq!(decode(true, &[0, 1, 255, 50, 0, 1, 255, 50, 0, 1, 255, 50]), Err(Malformed::TooLarge));
    }

    proptest! {
        #[test]
        fn every_body_survives_a_round_trip(packets in proptest::collection::vec(packets(), 1..8), base64 in any::<bool>()) {
            let body = encoded(Three, base64, &packets);
            prop_assert_eq!(decode(Three, body.octets, &body.bytes, WIDE), Ok(packets.clone()));
            // Packets of Socket.IO are JSON, which never has the separator.
            let separator = |packet: &EnginePacket| matches!(packet.clone().encode(), Encoded::Text(text) if text.contains('\x1e'));
            if !packets.iter().any(separator) {
                let body = encoded(Four, base64, &packets);
                prop_assert_eq!(decode(Four, body.octets, &body.bytes, WIDE), Ok(packets));
            }
        }

        #[test]
        fn no_input_makes_the_decoder_panic(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(255), Just(0x1e), 48_u8..59, 0_u8..4], 0..60),
            text in "([0-9]{1,3}:?)?\\PC{0,20}",
        ) {
            for body in [Bytes::from(bytes), Bytes::from(text)] {
                for (revision, octets) in [(Three, false), (Three, true), (Four, false), (Four, true)] {
                    let _ = decode(revision, octets, &body, WIDE);
                }
            }
        }
    }
}
