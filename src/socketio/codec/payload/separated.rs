//! Bodies of revision 4: text, a record separator between packets, binary messages as base64. The separator is a control
//! character, which JSON never says as it is.

use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, Packet, Revision};
use super::add;

const SEPARATOR: char = '\x1e';

pub(super) fn decode(text: &ByteString, most: usize) -> Result<Vec<Packet>, Malformed> {
    let mut packets = Vec::new();
    for packet in text.split(SEPARATOR) {
        add(&mut packets, engine::decode_text(Revision::Four, &text.slice_ref(packet))?, most)?;
    }
    Ok(packets)
}

pub(super) fn encode(packets: &[Encoded]) -> String {
    let mut body = String::new();
    for packet in packets {
        if !body.is_empty() {
            body.push(SEPARATOR);
        }
        match packet {
            Encoded::Text(text) => body.push_str(text),
            Encoded::Binary(bytes) => body.push_str(&engine::base64(Revision::Four, bytes)),
        }
    }
    body
}
