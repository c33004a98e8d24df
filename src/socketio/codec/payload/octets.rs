//! Binary bodies of revision 3. Each packet is prefixed by 0 for text or 1 for binary, the decimal digits of its length in
//! octets, one per byte, and 255.

use bytes::Bytes;
use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, EnginePacket, Revision};
use super::{DIGITS, push_bounded};

const TEXT: u8 = 0;
const BINARY: u8 = 1;
const END: u8 = 255;

pub(super) fn decode(body: &Bytes, max_packets: usize) -> Result<Vec<EnginePacket>, Malformed> {
    let (mut packets, mut rest): (_, &[u8]) = (Vec::new(), body);
    if rest.is_empty() {
        return Err(Malformed::Length);
    }
    while let Some((kind, tail)) = rest.split_first() {
        let (length, tail) = number(tail)?;
        let (packet, next) = tail.split_at_checked(length).ok_or(Malformed::Length)?;
        let packet = body.slice_ref(packet);
        let packet = match *kind {
            TEXT => {
                let text = ByteString::try_from(packet).map_err(|_| Malformed::Utf8)?;
                engine::decode_text(Revision::Three, &text)?
            }
            BINARY => engine::decode_binary(Revision::Three, packet)?,
            _ => return Err(Malformed::Length),
        };
        push_bounded(&mut packets, packet, max_packets)?;
        rest = next;
    }
    Ok(packets)
}

/// The length at the beginning, and the rest.
fn number(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (mut length, mut rest, mut digits) = (0_usize, bytes, 0);
    while let Some((&digit, tail)) = rest.split_first() {
        rest = tail;
        if digit == END {
            // A packet is never empty: it has a type.
            return if length > 0 { Ok((length, rest)) } else { Err(Malformed::Length) };
        }
        digits += 1;
        if digit > 9 || digits > DIGITS {
            return Err(Malformed::Length);
        }
        length = length * 10 + usize::from(digit);
    }
    Err(Malformed::Length)
}

pub(super) fn encode(packets: &[Encoded]) -> Vec<u8> {
    let mut body = Vec::new();
    for packet in packets {
        match packet {
            Encoded::Text(text) => push(&mut body, TEXT, text.as_bytes()),
            Encoded::Binary(bytes) => push(&mut body, BINARY, &engine::octets(Revision::Three, bytes)),
        }
    }
    body
}

fn push(body: &mut Vec<u8>, kind: u8, packet: &[u8]) {
    body.push(kind);
    body.extend(packet.len().to_string().bytes().map(|digit| digit - b'0'));
    body.push(END);
    body.extend_from_slice(packet);
}
