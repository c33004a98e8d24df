//! Bodies of revision 4: text, with a record separator between packets and binary messages as base64. The separator is a
//! control character, which JSON always escapes.

use bytestring::ByteString;

use super::super::Malformed;
use super::super::engine::{self, Encoded, EnginePacket, Revision};
use super::push_bounded;

const SEPARATOR: char = '\x1e';

pub(super) fn decode(text: &ByteString, max_packets: usize) -> Result<Vec<EnginePacket>, Malformed> {
    let mut packets = Vec::new();
    for packet in text.split(SEPARATOR) {
        push_bounded(&mut packets, engine::decode_text(Revision::Four, &text.slice_ref(packet))?, max_packets)?;
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
