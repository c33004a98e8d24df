//! Binary bodies of revision 3. Before each packet: 0 for text or 1 for bytes, the digits of its length in octets, one a byte,
//! and 255.

use bytes::Bytes;
use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, Packet, Revision};
use super::{DIGITS, add};

const TEXT: u8 = 0;
const BINARY: u8 = 1;
const END: u8 = 255;

pub(super) fn decode(body: &Bytes, most: usize) -> Result<Vec<Packet>, Malformed> {
    let (mut packets, mut rest): (_, &[u8]) = (Vec::new(), body);
    if rest.is_empty() {
        return Err(Malformed::Length);
    }
    while let Some((kind, behind)) = rest.split_first() {
        let (length, behind) = number(behind)?;
        let (packet, next) = behind.split_at_checked(length).ok_or(Malformed::Length)?;
        let packet = body.slice_ref(packet);
        let packet = match *kind {
            TEXT => {
                let text = ByteString::try_from(packet).map_err(|_| Malformed::Utf8)?;
                engine::decode_text(Revision::Three, &text)?
            }
            BINARY => engine::decode_binary(Revision::Three, packet)?,
            _ => return Err(Malformed::Length),
        };
        add(&mut packets, packet, most)?;
        rest = next;
    }
    Ok(packets)
}

/// The length that stands at the beginning, and what stands behind it.
fn number(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (mut length, mut rest, mut digits) = (0_usize, bytes, 0);
    while let Some((&digit, behind)) = rest.split_first() {
        rest = behind;
        if digit == END {
            // Every packet has at least its kind.
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
