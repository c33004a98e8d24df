//! Bodies of polling requests: several packets in one.
//!
//! Three forms: revision 4 puts a [separator](separated) between packets; revision 3 puts each packet's length before it,
//! [counted] in characters in a text body and in [octets] in a binary one.

mod counted;
mod octets;
mod separated;

use bytes::Bytes;
use bytestring::ByteString;

use super::Malformed;
use super::engine::{Encoded, Packet, Revision};

/// Lengths have at most so many digits.
const DIGITS: usize = 9;

/// How much one body may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of the whole.
    pub bytes: usize,
    /// Packets in it.
    pub packets: usize,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// What it says.
    pub bytes: Bytes,
    /// It is `application/octet-stream`; text otherwise.
    pub octets: bool,
}

/// Reads the body of a POST: all of it or nothing. `octets`: its content type is `application/octet-stream`, which means
/// something in revision 3 only.
///
/// # Errors
/// It is above a bound, or anything in it is wrong.
pub(crate) fn decode(revision: Revision, octets: bool, body: &Bytes, bounds: Bounds) -> Result<Vec<Packet>, Malformed> {
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

/// The body that says `packets`. `base64`: the client asked for a text body, whatever is in it.
///
/// Revision 3 goes out in octets where something is binary, and where a character lies beyond U+FFFF: JavaScript counts such
/// a character twice in a text body, Python's client once; octets both count alike.
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

/// Adds a packet as long as there may be more.
fn add(packets: &mut Vec<Packet>, packet: Packet, most: usize) -> Result<(), Malformed> {
    if packets.len() >= most {
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

    fn message(text: &'static str) -> Packet {
        Packet::Message(ByteString::from_static(text))
    }

    fn ping() -> Packet {
        Packet::Ping(ByteString::new())
    }

    fn binary(bytes: &'static [u8]) -> Packet {
        Packet::Binary(Bytes::from_static(bytes))
    }

    fn read(revision: Revision, body: &'static str) -> Result<Vec<Packet>, Malformed> {
        decode(revision, false, &Bytes::from_static(body.as_bytes()), WIDE)
    }

    fn read_octets(body: &'static [u8]) -> Result<Vec<Packet>, Malformed> {
        decode(Three, true, &Bytes::from_static(body), WIDE)
    }

    fn said(revision: Revision, base64: bool, packets: &[Packet]) -> Body {
        let packets: Vec<Encoded> = packets.iter().cloned().map(Packet::encode).collect();
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
            assert_eq!(read(Four, body), Ok(packets.clone()), "{body}");
            let bytes = Bytes::from_static(body.as_bytes());
            assert_eq!(said(Four, false, &packets), Body { bytes, octets: false });
        }
        for (body, why) in [
            ("", Malformed::Type),
            ("abc", Malformed::Type),
            ("4a\x1e", Malformed::Type),
            ("\x1e4a", Malformed::Type),
            ("4a\x1eb!", Malformed::Base64),
        ] {
            assert_eq!(read(Four, body), Err(why), "{body:?}");
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
            assert_eq!(read(Three, body), Ok(packets.clone()), "{body}");
            let bytes = Bytes::from_static(body.as_bytes());
            assert_eq!(said(Three, true, &packets), Body { bytes, octets: false });
        }
        assert_eq!(read(Three, "0:01:2"), Ok(vec![ping()]));
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
            assert_eq!(read(Three, body), Err(why), "{body}");
        }
    }

    #[test]
    fn revision_3_has_octets_for_what_is_binary() {
        let packets = vec![message("hello"), binary(&[1, 2, 3, 4])];
        let body: &[u8] = &[0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4];
        assert_eq!(read_octets(body), Ok(packets.clone()));
        assert_eq!(said(Three, false, &packets), Body { bytes: Bytes::from_static(body), octets: true });
        // Python's clients send everything so.
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
    fn characters_that_clients_count_differently_go_in_octets() {
        let body: &[u8] = &[0, 7, 255, 52, 97, 240, 159, 152, 128, 98];
        assert_eq!(said(Three, false, &[message("a😀b")]), Body { bytes: Bytes::from_static(body), octets: true });
        assert!(!said(Three, false, &[message("a€b")]).octets);
        assert!(!said(Three, true, &[message("a😀b")]).octets);
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
        fn what_is_encoded_is_decoded_again(packets in proptest::collection::vec(packets(), 1..8), base64 in any::<bool>()) {
            let body = said(Three, base64, &packets);
            prop_assert_eq!(decode(Three, body.octets, &body.bytes, WIDE), Ok(packets.clone()));
            // Packets of Socket.IO are JSON: the separator never stands in them.
            let separator = |packet: &Packet| matches!(packet.clone().encode(), Encoded::Text(text) if text.contains('\x1e'));
            if !packets.iter().any(separator) {
                let body = said(Four, base64, &packets);
                prop_assert_eq!(decode(Four, body.octets, &body.bytes, WIDE), Ok(packets));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
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
